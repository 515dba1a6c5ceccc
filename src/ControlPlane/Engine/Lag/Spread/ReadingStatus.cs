using ControlPlane.Engine.Lag.Memory;

namespace ControlPlane.Engine.Lag.Spread;

/// <summary>How a process gets on with the partitions that it reads for another.</summary>
/// <param name="IsFollowing">The topic is there and may be read.</param>
/// <param name="IsCaughtUp">What was there when it began has been read.</param>
/// <param name="Problem">Why it does not come on; null where it does.</param>
/// <param name="TopicId">Of the topic that it reads; zero where brokers give none.</param>
/// <param name="ToGo">Records that were there when it began and are still to be read; null where that is not known.</param>
/// <param name="Behind">Records between what it read and the ends of the logs; null where that is not known.</param>
public sealed record ReadingStatus(bool IsFollowing, bool IsCaughtUp, string? Problem, Guid TopicId, long? ToGo, long? Behind)
{
    public void Write(MemoryWriter to)
    {
        to.Number((IsFollowing ? 1UL : 0) + (IsCaughtUp ? 2UL : 0));
        to.Text(Problem);
        to.Id(TopicId);
        to.OrUnknown(ToGo ?? -1);
        to.OrUnknown(Behind ?? -1);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="SpreadException">It is not what <see cref="Write"/> wrote.</exception>
    public static ReadingStatus Read(ReadOnlySpan<byte> payload) => Payload.Read(payload, static (ref from) =>
    {
        var flags = from.Index(4);
        return new ReadingStatus((flags & 1) != 0, (flags & 2) != 0, from.TextOrNull(), from.Id(), Known(from.OrUnknown()), Known(from.OrUnknown()));
    });

    private static long? Known(long value) => value < 0 ? null : value;
}

/// <summary>Which partitions of the topic, and where to begin with each; those that are not named begin at their beginning.</summary>
/// <param name="Index">Partitions whose number, divided by <paramref name="Of"/>, leaves this.</param>
/// <param name="Of">How many such shares there are.</param>
/// <param name="TopicId">The topic that these are positions of; zero where brokers give none.</param>
/// <param name="From">The next record wanted.</param>
public sealed record OffsetsShare(int Index, int Of, Guid TopicId, IReadOnlyList<SharePlace> From)
{
    public bool Has(int partition) => partition % Of == Index;

    public byte[] Write()
    {
        var to = new MemoryWriter();
        to.Count(SpreadStream.Version);
        to.Count(Index);
        to.Count(Of);
        to.Id(TopicId);
        to.Count(From.Count);
        foreach (var place in From)
        {
            to.Count(place.Partition);
            to.Signed(place.Offset);
            to.Signed(place.LeaderEpoch);
        }

        return to.Written.ToArray();
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="SpreadException">It is not what <see cref="Write"/> wrote, or of another version.</exception>
    public static OffsetsShare Read(ReadOnlySpan<byte> payload) => Payload.Read(payload, static (ref from) =>
    {
        if (from.Index(int.MaxValue) is not SpreadStream.Version and var version)
        {
            throw new SpreadException($"it asks in version {version}, and this process knows version {SpreadStream.Version}");
        }

        var (index, of, topic) = (from.Index(int.MaxValue), from.Index(int.MaxValue), from.Id());
        var positions = new List<SharePlace>();
        for (var left = from.Count(); left > 0; left--)
        {
            positions.Add(new SharePlace(from.Index(int.MaxValue), from.Signed(), from.Int()));
        }

        return index < of ? new OffsetsShare(index, of, topic, positions) : throw new SpreadException($"it asks for share {index} of {of}");
    });
}

/// <summary>Where a partition goes on.</summary>
/// <param name="Partition">Of the offsets topic.</param>
/// <param name="Offset">The next record wanted.</param>
/// <param name="LeaderEpoch">Of the batch before it; -1 where that is not known.</param>
public readonly record struct SharePlace(int Partition, long Offset, int LeaderEpoch = -1);

/// <summary>The payload of what is said of a partition as a whole.</summary>
public static class PartitionMark
{
    public static byte[] Write(int partition)
    {
        var to = new MemoryWriter();
        to.Count(partition);
        return to.Written.ToArray();
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="SpreadException">It is not what <see cref="Write"/> wrote.</exception>
    public static int Read(ReadOnlySpan<byte> payload) => Payload.Read(payload, static (ref from) => from.Index(int.MaxValue));
}

/// <summary>Reads small payloads; whatever else is found there is a <see cref="SpreadException"/>.</summary>
internal static class Payload
{
    public delegate T Reading<T>(ref MemoryReader from);

    public static T Read<T>(ReadOnlySpan<byte> payload, Reading<T> read)
    {
        try
        {
            var from = new MemoryReader(payload);
            var value = read(ref from);
            return from.IsAtEnd ? value : throw new SpreadException("something follows the end of what it sent");
        }
        catch (Exception ex) when (ex is LagMemoryException or OverflowException)
        {
            throw new SpreadException($"what it sent can't be read: {(ex as LagMemoryException)?.What ?? "a number is out of its range"}", ex);
        }
    }
}
