using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>One partition of __consumer_offsets as it was at one moment: how far it was read, and what was known of its groups then.</summary>
/// <param name="TopicId">Of __consumer_offsets; zero where the brokers give none.</param>
public sealed record FeedMemory(int Partition, Guid TopicId, long Position, GroupFeedSnapshot Groups)
{
    /// <summary>Of the batch before the position; -1: not known.</summary>
    public int LeaderEpoch { get; init; } = -1;

    /// <summary>Written with the windows that a shard has of these groups. Both must be of the same moment: nothing may be committed meanwhile.</summary>
    public void Write(MemoryWriter to, LagShard shard)
    {
        to.Count(Partition);
        to.Id(TopicId);
        to.Number((ulong)Position);
        to.Signed(LeaderEpoch);
        var topics = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var offset in Groups.Offsets)
        {
            topics.TryAdd(offset.Topic, topics.Count);
        }

        to.Count(topics.Count);
        foreach (var topic in topics.Keys)
        {
            to.Text(topic);
        }

        WriteOffsets(to, shard, topics);
        to.Count(Groups.Facts.Count);
        foreach (var (group, key, fact) in Groups.Facts)
        {
            to.Text(group);
            to.Signed(key.Type);
            to.Text(key.Member);
            FactCodec.Write(to, fact);
        }

        to.Count(Groups.Open.Count);
        foreach (var open in Groups.Open)
        {
            WriteOpen(to, open);
        }
    }

    /// <summary>Reads it back, and puts the windows into a shard; nothing of it stays there when it can't be read.</summary>
    /// <exception cref="LagMemoryException">It is not what <see cref="Write"/> wrote.</exception>
    public static FeedMemory Read(ReadOnlySpan<byte> payload, LagShard into)
    {
        var groups = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var from = new MemoryReader(payload);
            var (partition, topicId, position, epoch) = (from.Index(int.MaxValue), from.Id(), (long)from.Number(), from.Int());
            if (position < 0)
            {
                throw MemoryReader.Wrong("a position is below zero");
            }

            var topics = new string[from.Count()];
            for (var i = 0; i < topics.Length; i++)
            {
                topics[i] = from.Text();
            }

            var offsets = ReadOffsets(ref from, (topics, position), into, groups);
            var facts = new List<GroupFactPlace>();
            for (var left = from.Count(); left > 0; left--)
            {
                facts.Add(new GroupFactPlace(from.Text(), new GroupRecordKey(checked((short)from.Int()), from.TextOrNull()), FactCodec.Read(ref from)));
            }

            var open = new List<OpenCommitPlace>();
            for (var left = from.Count(); left > 0; left--)
            {
                open.Add(ReadOpen(ref from));
            }

            return from.IsAtEnd ? new FeedMemory(partition, topicId, position, new GroupFeedSnapshot(offsets, facts) { Open = open }) { LeaderEpoch = epoch } : throw MemoryReader.Wrong("something follows its end");
        }
        catch (Exception ex) when (ex is LagMemoryException or OverflowException)
        {
            foreach (var group in groups)
            {
                into.ForgetGroup(group);
            }

            throw ex as LagMemoryException ?? MemoryReader.Wrong("a number is out of its range");
        }
    }

    /// <summary>By group, so that its name stands there once.</summary>
    private void WriteOffsets(MemoryWriter to, LagShard shard, Dictionary<string, int> topics)
    {
        var groups = Groups.Offsets.GroupBy(offset => offset.Group, StringComparer.Ordinal).ToList();
        to.Count(groups.Count);
        foreach (var group in groups)
        {
            to.Text(group.Key);
            to.Count(group.Count());
            foreach (var offset in group)
            {
                to.Count(topics[offset.Topic]);
                to.Count(offset.Partition);
                to.Signed(Position - offset.RecordOffset);
                shard.Remember(to, offset.Group, offset.Topic, offset.Partition, Position);
            }
        }
    }

    private static List<OffsetPlace> ReadOffsets(ref MemoryReader from, (string[] Topics, long Position) known, LagShard into, HashSet<string> groups)
    {
        var offsets = new List<OffsetPlace>();
        for (var left = from.Count(); left > 0; left--)
        {
            var group = from.Text();
            groups.Add(group);
            for (var partitions = from.Count(); partitions > 0; partitions--)
            {
                var (topic, partition) = (known.Topics[from.Index(known.Topics.Length)], from.Index(int.MaxValue));
                offsets.Add(new OffsetPlace(group, topic, partition, known.Position - from.Signed()));
                into.Recall(ref from, group, topic, partition, known.Position);
            }
        }

        return offsets;
    }

    private static void WriteOpen(MemoryWriter to, OpenCommitPlace open)
    {
        to.Signed(open.ProducerId);
        to.Text(open.Group);
        to.Text(open.Topic);
        to.Count(open.Partition);
        to.Signed(open.Commit.Offset);
        to.Signed(open.Commit.LeaderEpoch);
        to.Signed(open.Commit.TimestampMs);
        to.Id(open.Commit.TopicId);
        to.Signed(open.Commit.RecordOffset);
    }

    private static OpenCommitPlace ReadOpen(ref MemoryReader from) => new(
        from.Signed(), from.Text(), from.Text(), from.Index(int.MaxValue), new CommitRecord(from.Signed(), from.Int(), from.Signed(), from.Id(), from.Signed()));
}
