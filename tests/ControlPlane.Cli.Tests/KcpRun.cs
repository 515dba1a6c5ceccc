namespace ControlPlane.Cli.Tests;

/// <summary>One run of the command line, in this process, with what it said.</summary>
internal sealed record KcpRun(int ExitCode, string Out, string Error)
{
    public static Task<KcpRun> OfAsync(params string[] args) => OfAsync([], args);

    public static Task<KcpRun> OfAsync(Dictionary<string, string> environment, params string[] args) => OfAsync(TimeSpan.FromSeconds(120), environment, args);

    /// <summary>With somebody at a terminal who answers so; null: who closes it.</summary>
    public static Task<KcpRun> AtTerminalAsync(string? answer, Dictionary<string, string> environment, params string[] args) =>
        OfAsync(TimeSpan.FromSeconds(120), environment, answer is null ? TextReader.Null : new StringReader(answer + "\n"), true, args);

    public static Task<KcpRun> OfAsync(TimeSpan patience, Dictionary<string, string> environment, params string[] args) => OfAsync(patience, environment, TextReader.Null, false, args);

    /// <summary>With lines on its standard input, where nobody sits.</summary>
    public static Task<KcpRun> WithInputAsync(string input, Dictionary<string, string> environment, params string[] args) =>
        OfAsync(TimeSpan.FromSeconds(120), environment, new StringReader(input), false, args);

    private static async Task<KcpRun> OfAsync(TimeSpan patience, Dictionary<string, string> environment, TextReader input, bool isTerminal, string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var console = new CliConsole(output, error, input, environment.GetValueOrDefault, isTerminal, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience);
        var code = await KcpCommand.RunAsync(args, console, limit.Token);
        return new KcpRun(code, output.ToString(), error.ToString());
    }
}
