namespace ControlPlane.Kafka.Wire;

/// <summary>How far a tagged section has been read.</summary>
public readonly record struct TaggedFields(int Left, long LastTag)
{
    /// <summary>Bytes of the shortest tagged field: tag and size 0.</summary>
    internal const int MinSize = 2;
}
