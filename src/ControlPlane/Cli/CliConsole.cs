namespace ControlPlane.Cli;

/// <summary>Where a command reads and writes; tests give their own.</summary>
internal sealed record CliConsole(TextWriter Out, TextWriter Error, TextReader In, Func<string, string?> Environment, bool IsTerminal, TimeProvider Time)
{
    public static CliConsole OfProcess() => new(
        Console.Out, Console.Error, Console.In, System.Environment.GetEnvironmentVariable, !Console.IsOutputRedirected, TimeProvider.System);
}
