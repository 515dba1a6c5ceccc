using System.Text;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;

namespace ControlPlane.Kafka.Tests.OffsetsTopic;

/// <summary>Keeps what a decoder hands over, so that a test can look at it.</summary>
internal sealed class TakenRecords : IOffsetsRecordVisitor
{
    public List<TakenCommit> Commits { get; } = [];

    public List<GroupRecord> Groups { get; } = [];

    public List<(long ProducerId, bool IsCommit, long Offset)> Ends { get; } = [];

    public static TakenRecords Decode(byte[]? key, byte[]? value, out OffsetsRecordCounters counters)
    {
        var taken = new TakenRecords();
        counters = new OffsetsRecordCounters();
        new OffsetsRecordDecoder<TakenRecords>(taken, counters).Take(
            new RecordBatch { ProducerId = RecordBatch.NoProducerId },
            new KafkaRecord { Offset = 7, Timestamp = 8, Key = key, HasNoKey = key is null, Value = value, IsTombstone = value is null });
        return taken;
    }

    public void Commit(scoped in OffsetCommit commit, in RecordPlace place) => Commits.Add(new TakenCommit(
        Encoding.UTF8.GetString(commit.Group), Encoding.UTF8.GetString(commit.Topic), commit.Partition, commit.IsTombstone, commit.Version,
        commit.Offset, commit.LeaderEpoch, Encoding.UTF8.GetString(commit.Metadata), commit.CommitTimestamp, commit.ExpireTimestamp, commit.TopicId, place));

    public void Group(in GroupRecord record, in RecordPlace place) => Groups.Add(record);

    public void EndTransaction(long producerId, bool isCommit, long offset) => Ends.Add((producerId, isCommit, offset));
}

/// <summary>An offset commit with its texts, its fields named as in Kafka's definition.</summary>
internal sealed record TakenCommit(
    string Group, string Topic, int Partition, bool IsTombstone, short Version, long Offset, int LeaderEpoch, string Metadata,
    long CommitTimestamp, long ExpireTimestamp, Guid TopicId, RecordPlace Place);
