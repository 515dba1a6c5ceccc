using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tests.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.OffsetsTopic;

/// <summary>A few records typed by hand, so that the essentials are judged where neither a Kafka nor the fixtures are at hand.</summary>
public sealed class KnownRecordsTests
{
    private const string CommitKey = "0001 0001 67 0006 6F7264657273 00000003"; // g, orders, 3

    [Theory] // offset 33, epoch 5 where there is one, metadata "m", time 0x0199, expiry 0x0200
    [InlineData(0, "0000 0000000000000021 0001 6D 0000000000000199", -1, -1)]
    [InlineData(1, "0001 0000000000000021 0001 6D 0000000000000199 0000000000000200", -1, 0x200)]
    [InlineData(2, "0002 0000000000000021 0001 6D 0000000000000199", -1, -1)]
    [InlineData(3, "0003 0000000000000021 00000005 0001 6D 0000000000000199", 5, -1)]
    [InlineData(4, "0004 0000000000000021 00000005 02 6D 0000000000000199 00", 5, -1)]
    public void A_commit_is_read_in_every_version(short version, string value, int leaderEpoch, long expiry)
    {
        var commit = Assert.Single(TakenRecords.Decode(Hex.Bytes(CommitKey), Hex.Bytes(value), out _).Commits);

        Assert.Equal(("g", "orders", 3, version), (commit.Group, commit.Topic, commit.Partition, commit.Version));
        Assert.Equal((33, leaderEpoch, "m", 0x199, expiry), (commit.Offset, commit.LeaderEpoch, commit.Metadata, commit.CommitTimestamp, commit.ExpireTimestamp));
        Assert.Equal(Guid.Empty, commit.TopicId);
        Assert.Equal(new RecordPlace(7, 8, RecordBatch.NoProducerId), commit.Place);
    }

    [Fact]
    public void A_commit_of_Kafka_4_carries_the_topics_id_beside_tags_of_a_newer_one()
    {
        const string Value = "0004 0000000000000021 FFFFFFFF 01 0000000000000199 02 00 10 00112233445566778899AABBCCDDEEFF 05 02 ABCD";

        var commit = Assert.Single(TakenRecords.Decode(Hex.Bytes(CommitKey), Hex.Bytes(Value), out _).Commits);

        Assert.Equal(new Guid("00112233-4455-6677-8899-aabbccddeeff"), commit.TopicId);
        Assert.Equal("", commit.Metadata);
    }

    [Theory]
    [InlineData("0001")]
    [InlineData("0000")]
    public void A_tombstone_names_what_is_deleted(string type)
    {
        var commit = Assert.Single(TakenRecords.Decode(Hex.Bytes(type + CommitKey[4..]), null, out _).Commits);

        Assert.True(commit.IsTombstone);
        Assert.Equal(("g", "orders", 3), (commit.Group, commit.Topic, commit.Partition));
    }

    [Theory]
    [InlineData("0003 0001 67", OffsetsRecordType.ConsumerGroupMetadata, null)]
    [InlineData("0002 0001 67", OffsetsRecordType.GroupMetadata, null)]
    [InlineData("0005 0001 67 0001 6D", OffsetsRecordType.ConsumerGroupMemberMetadata, "m")]
    [InlineData("0012 0001 67", OffsetsRecordType.StreamsGroupPartitionMetadata, null)]
    [InlineData("0018 0001 67", OffsetsRecordType.StreamsGroupTargetAssignmentResolvedTopicIds, null)]
    public void A_tombstone_of_a_group_keeps_its_type_and_member(string key, OffsetsRecordType type, string? member) =>
        Assert.Equal(new GroupRecord(type, "g", member, IsTombstone: true, null), Assert.Single(TakenRecords.Decode(Hex.Bytes(key), null, out _).Groups));

    [Theory] // the last: a value of the newest trunk, of which only the key is read
    [InlineData("0003 0001 67", "0000 00000009 00", true)]
    [InlineData("0003 0001 67", "0000 000000", false)]
    [InlineData("0003 0001 67", "", false)]
    [InlineData("0003 0002 67", "0000 00000009 00", false)]
    [InlineData("0005 0001 67", "0000 00", false)]
    [InlineData("0018 0001 67", "0000 FFFF", true)]
    public void A_group_is_read_or_counted_as_malformed(string key, string value, bool isRead)
    {
        var taken = TakenRecords.Decode(Hex.Bytes(key), Hex.Bytes(value), out var counters);

        Assert.Equal(isRead ? 1 : 0, taken.Groups.Count);
        Assert.Equal(isRead ? (1, 0) : (0, 1), (counters.Decoded, counters.Skipped));
    }

    [Theory]
    [InlineData("0019 0001 67", DecodeOutcome.UnknownType)]
    [InlineData("7FFF", DecodeOutcome.UnknownType)]
    [InlineData("FFFF 00", DecodeOutcome.UnknownType)]
    [InlineData("00", DecodeOutcome.Malformed)]
    [InlineData("", DecodeOutcome.Malformed)]
    public void A_type_that_nobody_knows_yet_is_counted_and_passed_over(string key, DecodeOutcome outcome)
    {
        var taken = TakenRecords.Decode(Hex.Bytes(key), [0, 0], out var counters);

        Assert.Empty(taken.Groups);
        Assert.Equal(1, counters.Of(null, outcome));
    }
}
