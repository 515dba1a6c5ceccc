using System.Text;
using System.Text.Json;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Tests.Lag.Feed;
using ControlPlane.Engine.Tests.Lag.Memory;

namespace ControlPlane.Engine.Tests.Lag.Spread;

/// <summary>What another process read comes out as if it had been read here.</summary>
public sealed class SpreadRecordsTests
{
    private const int Partition = 7;
    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    [Fact]
    public void Random_logs_tell_the_same_packed_and_unpacked_as_when_read_here()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (log, facts) = (RandomLog.Of(random), new RandomMemory(seed).Feed.Groups.Facts);
            var (here, there) = (new Recorded(), new Recorded());
            var (direct, told) = (new GroupFeed(here), new GroupFeed(there));
            for (var at = 0; at < log.Count;)
            {
                var next = Math.Min(log.Count, at + 1 + random.Next(9));
                var from = Math.Max(0, at - random.Next(4)); // some of it is known already, as when it was read here until a moment ago
                Play(direct, log, facts, at, next);
                direct.Flush();
                var payload = Pack(log, facts, from, next);
                Assert.Equal(new RecordsHead(Partition, from, next, next - from, Epoch(next)), RecordsReader.Check(payload));
                RecordsReader.Apply(payload, told, at);
                told.Flush();
                at = next;
            }

            Assert.Equal(here.Events, there.Events);
            Assert.Equal(JsonSerializer.Serialize(direct.Export(), WithFields), JsonSerializer.Serialize(told.Export(), WithFields));
        }
    }

    [Fact]
    public void What_was_cut_off_is_refused_before_any_of_it_counts()
    {
        var payload = Pack(RandomLog.Of(new Random(3)), new RandomMemory(3).Feed.Groups.Facts, 0, 60);
        for (var length = 0; length < payload.Length; length++)
        {
            Assert.Throws<SpreadException>(() => RecordsReader.Check(payload.AsSpan(0, length)));
        }

        Assert.Throws<SpreadException>(() => RecordsReader.Check([.. payload, 0]));
    }

    [Fact]
    public void Garbage_and_huge_numbers_are_refused_or_harmless_and_take_no_memory()
    {
        var payload = Pack(RandomLog.Of(new Random(4)), new RandomMemory(4).Feed.Groups.Facts, 0, 60);
        var random = new Random(4);
        for (var round = 0; round < 20_000; round++)
        {
            var bad = round % 2 == 0 ? (byte[])payload.Clone() : new byte[random.Next(200)];
            if (round % 2 == 0)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
                bad[random.Next(bad.Length)] |= 0x80; // numbers that go on
            }
            else
            {
                random.NextBytes(bad);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Record.Exception(() => RecordsReader.Check(bad));
            Assert.True(error is null or SpreadException, $"round {round}: {error}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
    }

    [Fact]
    public void Small_payloads_come_back_as_they_were_and_nothing_else_does()
    {
        var share = new OffsetsShare(1, 3, Guid.NewGuid(), [new(1, 5, 3), new(49, long.MaxValue)]);
        var read = OffsetsShare.Read(share.Write());
        Assert.Equal((share.Index, share.Of, share.TopicId), (read.Index, read.Of, read.TopicId));
        Assert.Equal(share.From, read.From);
        var to = new Engine.Lag.Memory.MemoryWriter();
        var status = new ReadingStatus(true, false, "no broker answers", Guid.NewGuid(), null, 12);
        status.Write(to);
        var bytes = to.Written.ToArray();
        Assert.Equal(status, ReadingStatus.Read(bytes));
        Assert.Equal(3, PartitionMark.Read(PartitionMark.Write(3)));

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SpreadException>(() => ReadingStatus.Read(bytes.AsSpan(0, length)));
        }

        Assert.Throws<SpreadException>(() => OffsetsShare.Read([]));
        Assert.Throws<SpreadException>(() => OffsetsShare.Read([(byte)SpreadStream.Version, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Throws<SpreadException>(() => OffsetsShare.Read(new OffsetsShare(3, 3, Guid.Empty, []).Write()));
        Assert.Contains("version 9", Assert.Throws<SpreadException>(() => OffsetsShare.Read([9])).Message, StringComparison.Ordinal);
        Assert.Throws<SpreadException>(() => PartitionMark.Read([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
    }

    private static int? Epoch(int to) => to % 5 == 0 ? null : (to % 7) - 1;

    private static byte[] Pack(IReadOnlyList<LogRecord> log, IReadOnlyList<GroupFactPlace> facts, int from, int to)
    {
        var writer = new RecordsWriter();
        writer.Begin(Partition, from);
        for (var at = from; at < to; at++)
        {
            var (record, group, commit) = (log[at], Group(log[at]), Commit(log[at], at));
            switch (Kind(record, at))
            {
                case null: writer.Tell(facts[at % facts.Count].Group, facts[at % facts.Count].Key, at % 14 == 0 ? null : facts[at % facts.Count].Fact, at); break;
                case LogKind.Commit: writer.Commit(group, "t"u8, record.Partition, commit, record.Producer); break;
                case LogKind.Delete: writer.Delete(group, "t"u8, record.Partition, at); break;
                default: writer.EndTransaction(record.Producer!.Value, record.Kind == LogKind.CommitMarker, at); break;
            }
        }

        return writer.End(to, to - from, Epoch(to)).ToArray();
    }

    private static void Play(GroupFeed feed, IReadOnlyList<LogRecord> log, IReadOnlyList<GroupFactPlace> facts, int from, int to)
    {
        for (var at = from; at < to; at++)
        {
            var (record, group, commit) = (log[at], Group(log[at]), Commit(log[at], at));
            switch (Kind(record, at))
            {
                case null: feed.Tell(facts[at % facts.Count].Group, facts[at % facts.Count].Key, at % 14 == 0 ? null : facts[at % facts.Count].Fact); break;
                case LogKind.Commit: feed.Commit(group, "t"u8, record.Partition, commit, record.Producer); break;
                case LogKind.Delete: feed.Delete(group, "t"u8, record.Partition, at); break;
                default: feed.EndTransaction(record.Producer!.Value, record.Kind == LogKind.CommitMarker); break;
            }
        }
    }

    /// <summary>Null: a record of a group stands there instead.</summary>
    private static LogKind? Kind(LogRecord record, int at) => at % 7 == 0 ? null : record.Kind;

    private static byte[] Group(LogRecord record) => Encoding.UTF8.GetBytes($"group-{record.Group}-ü");

    private static CommitRecord Commit(LogRecord record, int at) =>
        new(record.Offset - 1, (at % 5) - 1, 1_790_000_000_000 - (at * 13), at % 3 == 0 ? Guid.Empty : new Guid(at, 0, 0, new byte[8]), at);

    /// <summary>All that a listener was told, in words.</summary>
    private sealed class Recorded : IGroupEvents
    {
        public List<string> Events { get; } = [];

        public void Committed(in OffsetCommitted commit) => Events.Add(commit.ToString());

        public void Deleted(in OffsetDeleted offset) => Events.Add(offset.ToString());

        public void Changed(GroupState group) => Events.Add(JsonSerializer.Serialize(group, WithFields));

        public void GroupDeleted(string group) => Events.Add($"deleted {group}");

        public void Restarted() => Events.Add("restarted");
    }
}
