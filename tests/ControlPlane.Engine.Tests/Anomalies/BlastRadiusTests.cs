using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Anomalies;

public sealed class BlastRadiusTests
{
    [Fact]
    public void The_worst_stand_first_and_lists_are_bounded()
    {
        var picture = new Picture(3).Partitions([
            .. Enumerable.Range(0, 150).Select(n => $"a-{n:000}: 1 2 3 / 1 3"),
            .. Enumerable.Range(0, 100).Select(n => $"b-{n:000}: 1 2 / 1"),
            .. Enumerable.Range(0, 10).Select(n => $"c-{n:000}: 2 /")]);

        var blast = BlastRadiusOf.Partitions(Troubles.Of(picture.Build()), Troubles.Of(picture.Build()).Partitions);

        Assert.Equal((10, 110, 260, 260), (blast.Offline, blast.UnderMinInSync, blast.UnderReplicated, blast.TopicCount));
        Assert.Equal(BlastRadiusOf.MostPartitions, blast.Worst.Length);
        Assert.Equal(BlastRadiusOf.MostTopics, blast.Topics.Length);
        Assert.All(blast.Worst[..10], one => Assert.StartsWith("c-", one.Topic, StringComparison.Ordinal));
        Assert.All(blast.Worst[10..110], one => Assert.StartsWith("b-", one.Topic, StringComparison.Ordinal));
        Assert.All(blast.Worst[110..], one => Assert.StartsWith("a-", one.Topic, StringComparison.Ordinal));
        Assert.Equal(new TouchedPartition("b-000", 0, 1, 2, 2), blast.Worst[10]);
    }

    [Fact]
    public void Only_groups_that_read_a_touched_topic_are_named_and_unknown_ones_stay_unknown()
    {
        var picture = new Picture(3).Partitions("a: 1 2 3 / 1 3", "b: 1 2 3 / 1 2 3").Groups([Picture.Reader("both", "b", "a"), Picture.Reader("neither", "b", "gone"), Picture.Reader("one", "a")]);
        Assert.Equal(["both", "one"], Of(picture).Groups!.Value);
        Assert.Null(Of(picture.Groups(null)).Groups);
    }

    [Fact]
    public void Without_min_insync_replicas_what_is_under_it_is_unknown() =>
        Assert.Null(Of(new Picture(3).MinInSync(-1).Partitions("a: 1 2 3 / 1 3")).UnderMinInSync);

    [Fact]
    public void Half_a_million_partitions_need_hardly_any_memory()
    {
        var model = Large(brokers: 100, topics: 10_000, partitionsPerTopic: 50);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var troubles = Troubles.Of(model);
        var blast = BlastRadiusOf.Partitions(troubles, troubles.Partitions);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8L << 20);
        Assert.Equal(15_000, blast.UnderReplicated);
        Assert.Equal(BlastRadiusOf.MostPartitions, blast.Worst.Length);
    }

    private static BlastRadius Of(Picture picture)
    {
        var troubles = Troubles.Of(picture.Build());
        return BlastRadiusOf.Partitions(troubles, troubles.Partitions);
    }

    private static ClusterModel Large(int brokers, int topics, int partitionsPerTopic)
    {
        var count = topics * partitionsPerTopic;
        var table = new PartitionTable
        {
            TopicName = [.. Enumerable.Range(0, topics).Select(topic => $"topic-{topic:00000}")],
            TopicId = new Guid[topics],
            TopicInternal = new bool[topics],
            TopicMinInSync = [.. Enumerable.Repeat((short)2, topics)],
            TopicStart = [.. Enumerable.Range(0, topics + 1).Select(topic => topic * partitionsPerTopic)],
            Topic = [.. Enumerable.Range(0, count).Select(p => p / partitionsPerTopic)],
            Leader = [.. Enumerable.Range(0, count).Select(p => p % brokers)],
            LeaderEpoch = new int[count],
            ReplicaStart = [.. Enumerable.Range(0, count + 1).Select(p => 3 * p)],
            ReplicaBroker = [.. Enumerable.Range(0, 3 * count).Select(slot => ((slot / 3) + (slot % 3)) % brokers)],
            ReplicaFlags = [.. Enumerable.Range(0, 3 * count).Select(slot => ((slot / 3) + (slot % 3)) % brokers == 7 ? ReplicaFlags.None : ReplicaFlags.InSync)],
        };
        return new ClusterModel(Picture.Cluster, 1, Picture.Now)
        {
            Partitions = table,
            Counts = PartitionCounts.Of(table),
            Groups = [.. Enumerable.Range(0, 500).Select(group => Picture.Reader($"g-{group:000}", [.. Enumerable.Range(0, 500).Select(n => $"other-{n / 50}")]))],
        };
    }
}
