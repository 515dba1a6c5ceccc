using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>The offsets topics of real brokers, read from their beginning, against what those brokers answered afterwards.</summary>
public sealed class RecordedOffsetsTests
{
    [Theory]
    [InlineData("3.9.2")]
    [InlineData("4.3.1")]
    public void Every_group_ends_with_exactly_the_offsets_that_its_broker_answered(string source)
    {
        var (book, expected) = Replay(source);

        Assert.True(expected.Count > 10);
        foreach (var group in expected)
        {
            Assert.Equal(group.Offsets.OrderBy(pair => pair.Key), book.OffsetsOf(group.Group).OrderBy(pair => pair.Key));
            Assert.True(group.IsListed == book.Groups.ContainsKey(group.Group), $"{group.Group} {(group.IsListed ? "is missing" : "is still there")}");
        }

        Assert.Equal(expected.Where(one => one.IsListed).Select(one => one.Group).Order(StringComparer.Ordinal), book.Groups.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_online_upgrade_and_its_way_back_never_delete_the_group()
    {
        var (book, _) = Replay("4.3.1");

        Assert.DoesNotContain("upgrade-a", book.DeletedGroups);
        Assert.Equal(GroupKind.Classic, book.Groups["upgrade-a"]!.Kind);
        Assert.Contains("k848del-a", book.DeletedGroups);
        Assert.Contains("admin-a", book.DeletedGroups); // has offset tombstones only
    }

    [Fact]
    public void A_plain_commit_inside_an_open_transaction_wins_over_the_transactions()
    {
        var (book, _) = Replay("4.3.1");

        var commit = book.Offsets[("tx-a", "rec-t1", 0)];
        Assert.Equal((16L, false), (commit.Offset, commit.IsTransactional));
    }

    [Fact]
    public void Commits_of_Kafka_4_carry_the_topics_id()
    {
        Assert.NotNull(Replay("4.3.1").Book.Offsets[("classic-a", "rec-t1", 0)].TopicId);
        Assert.Null(Replay("3.9.2").Book.Offsets[("classic-a", "rec-t1", 0)].TopicId);
    }

    [Theory]
    [InlineData("3.9.2-classic-coordinator")]
    [InlineData("3.9.2-ibp-0.10.0")]
    [InlineData("3.9.2-ibp-1.0")]
    [InlineData("3.9.2-ibp-2.1-IV0")]
    [InlineData("3.9.2-ibp-2.1")]
    public void Old_record_versions_are_read_to_the_end(string source)
    {
        var (book, _) = Replay(source);

        Assert.NotEmpty(book.Offsets);
    }

    /// <summary>At every place in the log, the rest read from a snapshot ends like the whole.</summary>
    [Theory]
    [InlineData("3.9.2")]
    [InlineData("4.3.1")]
    public void Going_on_from_a_snapshot_anywhere_ends_the_same(string source)
    {
        foreach (var partition in Records(source).GroupBy(record => record.Partition))
        {
            var log = partition.ToList();
            var whole = Read(new OffsetsPartition(partition.Key, new GroupBook()), log);
            for (var cut = 1; cut < log.Count; cut += 3)
            {
                var before = new OffsetsPartition(partition.Key, new GroupBook());
                var position = Read(before, log[..cut]);
                var after = Read(new OffsetsPartition(partition.Key, new LateListener(), position), [.. log.SkipWhile(record => record.Offset < position.Offset)]);

                Assert.Equal(whole.Groups.Offsets.Order(Comparer<OffsetPlace>.Create(Compare)), after.Groups.Offsets.Order(Comparer<OffsetPlace>.Create(Compare)));
                Assert.Equal(Keys(whole), Keys(after));
            }
        }

        static IEnumerable<(string, GroupRecordKey)> Keys(OffsetsPosition position) =>
            position.Groups.Facts.Select(fact => (fact.Group, fact.Key)).OrderBy(one => one.ToString(), StringComparer.Ordinal);

        static int Compare(OffsetPlace one, OffsetPlace other) => string.CompareOrdinal(one.ToString(), other.ToString());
    }

    private static OffsetsPosition Read(OffsetsPartition partition, IReadOnlyList<RecordedOffset> log)
    {
        foreach (var record in log)
        {
            partition.Take(Batch(record), record.Offset, skipBroken: false);
        }

        Assert.Equal(0, partition.Records.Skipped + partition.Batches.PassedOver);
        return partition.Snapshot()!;
    }

    private static (GroupBook Book, List<RecordedGroup> Expected) Replay(string source)
    {
        var book = new GroupBook();
        foreach (var partition in Records(source).GroupBy(record => record.Partition))
        {
            Read(new OffsetsPartition(partition.Key, book), [.. partition]);
        }

        return (book, [.. RecordedGroup.Load(out _)!.Where(group => group.Source == source)]);
    }

    private static List<RecordedOffset> Records(string source)
    {
        if (RecordedOffset.Load(out var missing) is { } records)
        {
            return [.. records.Where(record => record.Source == source)];
        }

        Assert.Skip(missing);
        return []; // unreachable: Skip throws
    }

    /// <summary>The record in a batch of its own, as it was but for the neighbours.</summary>
    private static byte[] Batch(RecordedOffset record) =>
        new BatchBuilder(record.Offset, record.Timestamp) { ProducerId = record.Batch.ProducerId, IsTransactional = record.Batch.IsTransactional, IsControl = record.Batch.IsControl }
            .Add(record.Key, record.Value).Build();

    /// <summary>A listener that has not heard of what was committed before the snapshot.</summary>
    private sealed class LateListener : IGroupEvents
    {
        public void Committed(in OffsetCommitted commit) => Assert.True(commit.Offset >= 0);

        public void Deleted(in OffsetDeleted offset) => Assert.NotEmpty(offset.Group);

        public void Changed(GroupState group) => Assert.NotEmpty(group.Group);

        public void GroupDeleted(string group) => Assert.NotEmpty(group);

        public void Restarted() => Assert.Fail("nothing was lost");
    }
}
