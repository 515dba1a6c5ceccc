using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>The curves of log end offsets in parts of some topics each.</summary>
public static class EndsMemory
{
    /// <summary>Written until a part has so many bytes: small enough for one write, large enough that there are few.</summary>
    private const int BytesOfPart = 4 << 20;

    /// <summary>Writes topics from one on; returns the first that did not fit any more, or how many there are.</summary>
    public static int Write(MemoryWriter to, EndOffsetStore ends, int firstTopic, long now)
    {
        to.Signed(now);
        var (topic, topics) = (firstTopic, ends.Topics);
        for (; topic < topics && to.Length < BytesOfPart; topic++)
        {
            ends.Remember(to, topic, now);
        }

        return topic;
    }

    /// <summary>Puts curves into a store that has none of these topics yet; returns of which moment they are.</summary>
    /// <exception cref="LagMemoryException">It is not what <see cref="Write"/> wrote.</exception>
    public static long Read(ReadOnlySpan<byte> payload, EndOffsetStore into)
    {
        var from = new MemoryReader(payload);
        var at = from.Signed();
        while (!from.IsAtEnd)
        {
            into.Recall(ref from, at);
        }

        into.BlindSince(at);
        return at;
    }
}
