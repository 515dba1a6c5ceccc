namespace ControlPlane.Cli.Tests;

/// <summary>One run of the command line, in this process, with what it said.</summary>
internal sealed record KcpRun(int ExitCode, string Out, string Error)
{
    public static Task<KcpRun> OfAsync(params string[] args) => OfAsync([], args);

    public static Task<KcpRun> OfAsync(Dictionary<string, string> environment, params string[] args) => OfAsync(TimeSpan.FromSeconds(120), environment, args);

    public static Task<KcpRun> OfAsync(TimeSpan patience, Dictionary<string, string> environment, params string[] args) =>
        OfAsync(patience, TextReader.Null, environment, args);

    /// <summary>With lines on its standard input.</summary>
    public static Task<KcpRun> WithInputAsync(string input, Dictionary<string, string> environment, params string[] args) =>
        OfAsync(TimeSpan.FromSeconds(120), new StringReader(input), environment, args);

    private static async Task<KcpRun> OfAsync(TimeSpan patience, TextReader input, Dictionary<string, string> environment, string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var console = new CliConsole(output, error, input, environment.GetValueOrDefault, IsTerminal: false, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience);
        var code = await KcpCommand.RunAsync(args, console, limit.Token);
        return new KcpRun(code, output.ToString(), error.ToString());
    }
}
