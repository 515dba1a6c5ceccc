using ControlPlane.Connectivity;
using ControlPlane.Connectivity.Spread;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Kafka.Tail;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>The stream between a process that reads for another and that other, without a broker.</summary>
public sealed class SpreadStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("3.9.2")]
    [InlineData("4.3.1")]
    [InlineData("3.9.2-ibp-0.10.0")]
    public void Recorded_topics_end_the_same_whoever_reads_which_part_of_them(string source)
    {
        if (RecordedOffset.Load(out var missing) is not { } records)
        {
            Assert.Skip(missing);
            return;
        }

        var groups = 0;
        foreach (var log in records.Where(record => record.Source == source).GroupBy(record => record.Partition))
        {
            var (alone, spread) = (new GroupBook(), new GroupBook());
            var (direct, owner) = (new OffsetsPartition(log.Key, alone), new OffsetsPartition(log.Key, spread));
            var reader = new ShippedPartition(log.Key, (_, payload) => owner.Take(payload, RecordsReader.Check(payload)));
            var random = new Random(log.Key);
            foreach (var record in log)
            {
                direct.Take(Batch(record), record.Offset, skipBroken: false);
                var from = owner.Place?.Offset ?? record.Offset; // compaction has left holes
                if (random.Next(4) > 0)
                {
                    reader.Take(Batch(record), from, skipBroken: false);
                    reader.Take(Batch(record), from, skipBroken: false); // sent again: changes nothing
                }
                else
                {
                    owner.Take(Batch(record), from, skipBroken: false);
                }
            }

            groups += alone.Groups.Count;
            Assert.Equal(alone.Offsets.OrderBy(pair => pair.Key), spread.Offsets.OrderBy(pair => pair.Key));
            Assert.Equal(alone.Groups.Keys.Order(StringComparer.Ordinal), spread.Groups.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(alone.DeletedGroups, spread.DeletedGroups);
            var (expected, actual) = (direct.Snapshot()!, owner.Snapshot()!);
            Assert.Equal(expected.Offset, actual.Offset);
            Assert.Equal(Sorted(expected.Groups.Offsets), Sorted(actual.Groups.Offsets));
            Assert.Equal(Sorted(expected.Groups.Facts.Select(fact => (fact.Group, fact.Key))), Sorted(actual.Groups.Facts.Select(fact => (fact.Group, fact.Key))));
            Assert.Equal(expected.Groups.Open, actual.Groups.Open);
        }

        Assert.True(groups > 0);

        static IEnumerable<string> Sorted<T>(IEnumerable<T> all) => all.Select(one => one!.ToString()!).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Records_after_a_hole_are_refused_and_the_place_is_kept()
    {
        var owner = new OffsetsPartition(0, new GroupBook());
        owner.Take(Commit(10, 20), Head(10, 20));
        Assert.Equal(new TailPlace(20, 7), owner.Place);

        Assert.Contains("20 is wanted next", Assert.Throws<SpreadException>(() => owner.Take(Commit(21, 22), Head(21, 22))).Message, StringComparison.Ordinal);
        Assert.Equal(new TailPlace(20, 7), owner.Place);
        owner.Restart();
        Assert.Null(owner.Place);
        owner.Take(Commit(3, 5), Head(3, 5)); // wherever the log begins now
        Assert.Equal(new TailPlace(5, 7), owner.Place);
        owner.CaughtUp();
        Assert.True(owner.IsCaughtUp && owner.TryCapture(one => Assert.Equal((5, 7), (one.Offset, one.LeaderEpoch))));
    }

    [Fact]
    public async Task Frames_come_back_whole_and_a_cut_anywhere_is_the_end()
    {
        var bytes = Stream([(FrameKind.CaughtUp, PartitionMark.Write(3)), (FrameKind.Records, new byte[700_000])]);
        var frames = new FrameReader(new MemoryStream(bytes));
        await frames.BeginAsync(Token);
        var (kind, payload) = await frames.NextAsync(Token);
        Assert.Equal((FrameKind.CaughtUp, 3), (kind, PartitionMark.Read(payload.Span)));
        Assert.Equal(700_000, (await frames.NextAsync(Token)).Payload.Length);
        await Assert.ThrowsAsync<EndOfStreamException>(() => frames.NextAsync(Token));

        foreach (var length in new[] { 0, 3, 5, 6, 8, 10, 11, 400_000, bytes.Length - 1 })
        {
            await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAllAsync(bytes[..length]));
        }
    }

    [Fact]
    public async Task Garbage_another_version_and_sizes_that_cannot_be_are_refused_without_taking_memory()
    {
        var version = Stream([]);
        version[5]++;
        Assert.Contains("version 2, and this process reads version 1", (await Assert.ThrowsAsync<SpreadException>(() => ReadAllAsync(version))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SpreadException>(() => ReadAllAsync("HTTP/1.1 200 OK, or whatever else answers there"u8.ToArray()));
        foreach (var head in new byte[][] { [0x7F, 0xFF, 0xFF, 0xFF, 2], [0xFF, 0xFF, 0xFF, 0xFF, 2], [4, 0, 0, 1, 2], [0, 0, 0, 1, 0], [0, 0, 0, 1, 9] })
        {
            await Assert.ThrowsAsync<SpreadException>(() => ReadAllAsync([.. Stream([]), .. head]));
        }

        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAllAsync([.. Stream([]), 4, 0, 0, 0, 2, 1, 2, 3])); // says 64 MB, has three bytes
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 32 << 20);
    }

    private static async Task ReadAllAsync(byte[] bytes)
    {
        var frames = new FrameReader(new MemoryStream(bytes));
        await frames.BeginAsync(Token);
        while (true)
        {
            await frames.NextAsync(Token);
        }
    }

    private static byte[] Stream(IEnumerable<(FrameKind Kind, byte[] Payload)> frames)
    {
        using var to = new MemoryStream();
        var head = new byte[SpreadStream.BeginningSize];
        SpreadStream.Begin(head);
        to.Write(head);
        foreach (var (kind, payload) in frames)
        {
            SpreadStream.Head(head, kind, payload.Length);
            to.Write(head.AsSpan(0, SpreadStream.HeaderSize));
            to.Write(payload);
        }

        return to.ToArray();
    }

    private static RecordsHead Head(long from, long next) => new(0, from, next, 1, 7);

    private static byte[] Commit(long from, long next)
    {
        var writer = new RecordsWriter();
        writer.Begin(0, from);
        writer.Commit("group"u8, "orders"u8, 0, new CommitRecord(1, -1, 0, Guid.Empty, from), null);
        return writer.End(next, 1, 7).ToArray();
    }

    private static byte[] Batch(RecordedOffset record) =>
        new BatchBuilder(record.Offset, record.Timestamp) { ProducerId = record.Batch.ProducerId, IsTransactional = record.Batch.IsTransactional, IsControl = record.Batch.IsControl }
            .Add(record.Key, record.Value).Build();
}
