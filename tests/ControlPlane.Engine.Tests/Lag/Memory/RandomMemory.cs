using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Tests.Lag.Memory;

/// <summary>Made-up books of one partition of the offsets topic: windows, end offsets, groups of all kinds, open transactions.</summary>
internal sealed class RandomMemory
{
    private const long Start = 1_790_000_000_000;

    private readonly Random _random;

    public RandomMemory(int seed, int groups = 8)
    {
        _random = new Random(seed);
        Shard = new LagShard(new LagStoreOptions(Slots: 1 + _random.Next(20)), Ends);
        var offsets = Enumerable.Range(0, _random.Next(groups + 1)).SelectMany(group => Commits($"group-{group}-ü")).ToList();
        Feed = new FeedMemory(_random.Next(50), Guid.NewGuid(), 10_000_000, new GroupFeedSnapshot(offsets, [.. Facts()]) { Open = [.. Open()] });
    }

    public EndOffsetStore Ends { get; } = new();

    public LagShard Shard { get; }

    public FeedMemory Feed { get; }

    public byte[] Payload()
    {
        var writer = new MemoryWriter();
        Feed.Write(writer, Shard);
        return writer.Written.ToArray();
    }

    private IEnumerable<OffsetPlace> Commits(string group)
    {
        for (var partition = 0; partition < 1 + _random.Next(5); partition++)
        {
            var (topic, order, time) = ($"topic-{_random.Next(3)}", _random.NextInt64(1_000_000), Start + _random.Next(1_000_000));
            var number = Ends.IdOf(topic);
            Ends.Identify(number, Guid.NewGuid());
            for (var commit = 0; commit < _random.Next(1, 25); commit++)
            {
                (order, time) = (order + 1 + _random.Next(100_000), time + _random.Next(600_000));
                var offset = _random.Next(10) == 0 ? _random.NextInt64(long.MaxValue / 4) : 1_000 + (commit * 10);
                Ends.Add(number, partition, offset + _random.Next(100) * (_random.Next(8) == 0 ? 1L << 32 : 1), time, _random.Next(3) - 1);
                Shard.Commit(group, topic, partition, new CommitPoint(offset, time, order, time + _random.Next(200_000)));
            }

            yield return new OffsetPlace(group, topic, partition, order);
        }
    }

    private IEnumerable<GroupFactPlace> Facts()
    {
        var assigned = new AssignedPartitions(null, Guid.NewGuid(), [0, 5, 7]);
        var member = new GroupMember("m-1", null, "client", "/10.0.0.1", "rack") { Subscribed = ["a", "b"], Epoch = -1, Assigned = [assigned, assigned with { Topic = "a", TopicId = null }] };
        GroupFact[] all =
        [
            new GroupFact.Classic("consumer", "range", 7, Start, [member, new GroupMember("", "i", "", "", null)]),
            new GroupFact.Classic(null, null, -1, null, []),
            new GroupFact.Epoch(GroupKind.Streams, 12),
            new GroupFact.Member(GroupKind.Consumer, member, "orders.*"),
            new GroupFact.Assignment(GroupKind.Share, 3, [assigned]),
            new GroupFact.Tasks(4, [("0", [1, 2]), ("1", [])]),
            new GroupFact.Topology(new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["0"] = ["a"], ["1"] = [] }),
            new GroupFact.Resolved(["a", "b"]),
            new GroupFact.Other(GroupKind.Classic),
        ];
        return all.Select((fact, at) => new GroupFactPlace($"group-{at}-ü", new GroupRecordKey((short)at, at % 2 == 0 ? null : "m-1"), fact));
    }

    private IEnumerable<OpenCommitPlace> Open() =>
        Enumerable.Range(0, _random.Next(4)).Select(at => new OpenCommitPlace(at - 1, "group-0-ü", "topic-9", at, new CommitRecord(at - 1, -1, Start, Guid.Empty, 9_000_000 + at)));
}
