namespace ControlPlane.Engine.Lag.Memory;

/// <summary>Bytes that are not, or not any more, what was stored of a cluster's lag; the message says which.</summary>
public sealed class LagMemoryException : Exception
{
    /// <summary>Of the message: what is wrong with the bytes, wherever they come from.</summary>
    public string What { get; init; } = "";

    public LagMemoryException()
    {
    }

    public LagMemoryException(string message)
        : base(message)
    {
    }

    public LagMemoryException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
