namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>A model file that is refused: where, why, and what is expected there.</summary>
/// <param name="line">Counted from 1; 0: the file as a whole.</param>
public sealed class ModelFileException(int line, string reason, string expected, Exception? inner = null)
    : Exception(line > 0 ? $"line {line}: {reason}" : reason, inner)
{
    public int Line { get; } = line;

    public string Expected { get; } = expected;
}

/// <summary>The same before anybody has said which line it is.</summary>
internal sealed class LineRefusal(string reason, string expected) : Exception(reason)
{
    public string Expected { get; } = expected;
}
