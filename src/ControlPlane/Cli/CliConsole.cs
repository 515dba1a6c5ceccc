namespace ControlPlane.Cli;

/// <summary>Where a command reads and writes; tests give their own.</summary>
internal sealed record CliConsole(TextWriter Out, TextWriter Error, TextReader In, Func<string, string?> Environment, bool IsTerminal, TimeProvider Time)
{
    /// <summary>Somebody watches stderr, whatever becomes of the answer.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Standard input as bytes, for commands that read data and not answers; null: what In holds.</summary>
    public Func<Stream>? OpenIn { get; init; }

    /// <summary>Standard output as bytes; null: what is written goes to Out.</summary>
    public Func<Stream>? OpenOut { get; init; }

    public static CliConsole OfProcess() =>
        new(Console.Out, Console.Error, Console.In, System.Environment.GetEnvironmentVariable, !Console.IsOutputRedirected, TimeProvider.System)
        {
            IsErrorTerminal = !Console.IsErrorRedirected,
            OpenIn = Console.OpenStandardInput,
            OpenOut = Console.OpenStandardOutput,
        };
}
