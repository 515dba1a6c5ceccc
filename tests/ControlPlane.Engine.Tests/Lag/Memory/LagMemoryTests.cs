using System.Text.Json;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Tests.Lag.Memory;

public sealed class LagMemoryTests
{
    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    [Fact]
    public void Whatever_is_known_comes_back_as_it_was()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var before = new RandomMemory(seed);
            var (ends, writer) = (new EndOffsetStore(), new MemoryWriter());
            Assert.Equal(before.Ends.Topics, EndsMemory.Write(writer, before.Ends, 0, 1_790_000_000_000));
            EndsMemory.Read(MemoryFrame.Open(MemoryKind.EndOffsets, MemoryFrame.Seal(MemoryKind.EndOffsets, writer.Written)), ends);
            var shard = new LagShard(before.Shard.Options, ends);

            var feed = FeedMemory.Read(MemoryFrame.Open(MemoryKind.OffsetsPartition, MemoryFrame.Seal(MemoryKind.OffsetsPartition, before.Payload())), shard);

            Assert.Equal((before.Feed.Partition, before.Feed.TopicId, before.Feed.Position), (feed.Partition, feed.TopicId, feed.Position));
            Assert.Equal(Text(before.Feed.Groups), Text(feed.Groups));
            Assert.Equal(before.Ends.Identified().Select(one => (one.Name, one.Id)).Order(), ends.Identified().Select(one => (one.Name, one.Id)).Order());
            Assert.Equal(before.Shard.Partitions, shard.Partitions);
            foreach (var group in before.Feed.Groups.Offsets.Select(offset => offset.Group).Distinct())
            {
                Assert.Equal(Windows(before.Shard, group), Windows(shard, group));
            }
        }
    }

    /// <summary>Every cut and every changed bit is found before anything is taken over.</summary>
    [Fact]
    public void What_was_cut_off_or_changed_by_a_bit_is_refused()
    {
        var part = MemoryFrame.Seal(MemoryKind.OffsetsPartition, new RandomMemory(seed: 3, groups: 2).Payload());
        for (var length = 0; length < part.Length; length++)
        {
            Assert.Throws<LagMemoryException>(() => MemoryFrame.Open(MemoryKind.OffsetsPartition, part.AsSpan(0, length)));
        }

        for (var bit = 0; bit < part.Length * 8; bit++)
        {
            part[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<LagMemoryException>(() => MemoryFrame.Open(MemoryKind.OffsetsPartition, part));
            part[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Throws<LagMemoryException>(() => MemoryFrame.Open(MemoryKind.EndOffsets, part));
        Assert.NotEmpty(MemoryFrame.Open(MemoryKind.OffsetsPartition, part));
    }

    [Fact]
    public void Another_version_is_told_as_such()
    {
        var part = MemoryFrame.Seal(MemoryKind.EndOffsets, "x"u8);
        part[5]++;

        var refused = Assert.Throws<LagMemoryException>(() => MemoryFrame.Open(MemoryKind.EndOffsets, part));

        Assert.Contains($"version {MemoryFrame.Version + 1}, and this product reads version {MemoryFrame.Version}", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Should a part with a right checksum hold nonsense, it is refused too, and leaves no group behind.</summary>
    [Fact]
    public void Nonsense_inside_a_whole_part_is_refused_or_harmless()
    {
        var whole = new RandomMemory(seed: 5).Payload();
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 5_000; round++)
        {
            var broken = whole[..(round % 3 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (var flips = random.Next(4); flips > 0 && broken.Length > 0; flips--)
            {
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            }

            var shard = new LagShard(new LagStoreOptions(), new EndOffsetStore());
            try
            {
                FeedMemory.Read(broken, shard);
            }
            catch (LagMemoryException)
            {
                refused++;
                Assert.Equal((0, 0L), (shard.Groups, shard.Partitions));
            }
        }

        Assert.InRange(refused, 1_500, 5_000);
    }

    [Fact]
    public void Nonsense_among_end_offsets_is_refused_or_harmless()
    {
        var (writer, random, refused) = (new MemoryWriter(), new Random(9), 0);
        EndsMemory.Write(writer, new RandomMemory(seed: 5).Ends, 0, 1_790_000_000_000);
        for (var round = 0; round < 500; round++)
        {
            var broken = writer.Written[..(round % 3 == 0 ? random.Next(writer.Length) : writer.Length)].ToArray();
            for (var flips = random.Next(3); flips > 0 && broken.Length > 0; flips--)
            {
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                EndsMemory.Read(broken, new EndOffsetStore());
            }
            catch (LagMemoryException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 500);
    }

    /// <summary>A record that was written while nobody of us looked has waited, for all we know, only since we are back.</summary>
    [Fact]
    public void An_absence_of_ours_is_no_silence_of_theirs()
    {
        const long Left = 10_000_000, Back = Left + 36_000_000;
        var before = new EndOffsetStore();
        var (topic, writer) = (before.IdOf("orders"), new MemoryWriter());
        for (var at = Left - 90_000; at <= Left; at += 10_000)
        {
            before.Add(topic, 0, 90, at);
        }

        EndsMemory.Write(writer, before, 0, Left);
        var ends = new EndOffsetStore();
        EndsMemory.Read(writer.Written, ends);
        var shard = new LagShard(new LagStoreOptions(), ends);
        for (var commit = 0; commit < 10; commit++)
        {
            shard.Commit("all read", "orders", 0, new CommitPoint(91 + commit, Left + 1_000 + (commit * 5_000), commit, Back));
            shard.Commit("long behind", "orders", 0, new CommitPoint(71 + commit, Left - 50_000 + (commit * 5_000), commit, Back));
        }

        ends.Add(ends.IdOf("orders"), 0, 105, Back);

        Assert.Equal(PartitionLagStatus.Ok, Judge(shard, "all read", Back + 1_000));
        Assert.Equal(PartitionLagStatus.Stop, Judge(shard, "long behind", Back + 1_000));
        Assert.Equal(PartitionLagStatus.Stop, Judge(shard, "all read", Back + 600_000));
    }

    private static PartitionLagStatus Judge(LagShard shard, string group, long now)
    {
        var snapshot = new LagSnapshot();
        Assert.True(shard.TryRead(group, snapshot));
        return DefaultRules.Judge(snapshot.Window(0, now), LagPolicy.Usual).Status;
    }

    private static string Text(GroupFeedSnapshot groups) => JsonSerializer.Serialize(new
    {
        Offsets = groups.Offsets.Order(Comparer<OffsetPlace>.Create((x, y) => string.CompareOrdinal(x.ToString(), y.ToString()))),
        Facts = groups.Facts.Select(fact => (object)new { fact.Group, fact.Key, Kind = fact.Fact.GetType().Name, Fact = (object)fact.Fact }),
        groups.Open,
    }, WithFields);

    private static List<string> Windows(LagShard shard, string group)
    {
        var snapshot = new LagSnapshot();
        var all = new List<string>();
        if (!shard.TryRead(group, snapshot))
        {
            return all;
        }

        for (var at = 0; at < snapshot.Count; at++)
        {
            var window = snapshot.Window(at, 0);
            var observed = Enumerable.Range(0, window.Count).Select(commit => snapshot.ObservedAt(at, commit));
            all.Add($"{snapshot.Topic(at)}-{snapshot.Partition(at)}: {Join(window.Offsets)} at {Join(window.Times)} lags {Join(window.Lags)} seen {string.Join(' ', observed)} wait {window.LongestWait} worked off {window.WorkedOff} start {window.LogStartOffset} ends {Join(window.EndOffsets)} at {Join(window.EndTimes)}");
        }

        all.Sort(StringComparer.Ordinal);
        return all;
    }

    private static string Join(ReadOnlySpan<long> values) => string.Join(' ', values.ToArray());
}
