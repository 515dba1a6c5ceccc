namespace ControlPlane.Cli.Lag;

/// <summary>A line that can't be read: what is wrong with it, and what would be right.</summary>
internal sealed class LineRefusal(string what, string expected) : Exception(what)
{
    public string Expected { get; } = expected;
}
