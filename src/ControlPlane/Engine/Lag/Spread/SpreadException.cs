namespace ControlPlane.Engine.Lag.Spread;

/// <summary>What another process sent of an offsets topic can't be used; the message says why.</summary>
public sealed class SpreadException : Exception
{
    public SpreadException()
    {
    }

    public SpreadException(string message)
        : base(message)
    {
    }

    public SpreadException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
