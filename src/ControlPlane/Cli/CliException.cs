namespace ControlPlane.Cli;

/// <summary>A failure that is told to the person at the keyboard: what and where, what was expected, what to do next.</summary>
internal sealed class CliException(string what, string? expected, string? next, Exception? inner = null) : Exception(what, inner)
{
    public string? Expected { get; } = expected;

    public string? Next { get; } = next;

    /// <summary>Further lines, such as one for each wrong field.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    public void WriteTo(TextWriter writer)
    {
        writer.WriteLine($"error: {Message}");
        foreach (var detail in Details)
        {
            writer.WriteLine($"  {detail}");
        }

        if (Expected is not null)
        {
            writer.WriteLine($"  expected: {Expected}");
        }

        if (Next is not null)
        {
            writer.WriteLine($"  next:     {Next}");
        }
    }
}
