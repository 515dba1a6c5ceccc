using ControlPlane.Kafka.Records;

namespace ControlPlane.Kafka.Tail;

/// <summary>Takes one partition of a topic that is followed. Called by one thread at a time, never for two chunks at once.</summary>
public interface IPartitionSink
{
    /// <summary>The batches of one fetch: to be read by <see cref="RecordChunk"/> before this returns. Does not throw on bad bytes.</summary>
    ChunkOutcome Take(ReadOnlySpan<byte> batches, long fromOffset, bool skipBroken);

    /// <summary>What stood at our place is gone (truncated, deleted, the topic made anew): the log comes again from its beginning.</summary>
    void Restart();

    /// <summary>What the log held when we began, or began again, has been read. Called once each time.</summary>
    void CaughtUp();
}
