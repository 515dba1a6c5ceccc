using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Xunit;

namespace ControlPlane.Engine.Tests.Sampling;

/// <summary>Rounds of ten seconds of one topic: partitions 0 to 3 are read, 4 to 7 are not; records come to even ones.</summary>
public sealed class OffsetRhythmTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly OffsetRhythm _rhythm = new(new OffsetPace(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60)));
    private readonly long[] _ends = [1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000];
    private readonly int[] _asked = new int[8];
    private readonly int[] _startsAsked = new int[8];
    private ClusterModel _model = Model([.. Enumerable.Range(0, 4).Select(p => new CommittedOffset("t", p, 1_000))]);
    private int _round;

    [Fact]
    public void Every_partition_is_asked_twice_at_first_so_that_there_is_a_rate()
    {
        Round();
        Round();

        Assert.All(_asked, times => Assert.Equal(2, times));
    }

    [Fact]
    public void Read_and_moving_every_round_idle_every_other_unread_once_a_minute()
    {
        Rounds(20); // all have found their pace
        Forget();

        Rounds(60);

        Assert.Equal([60, 30, 60, 30], _asked[..4]);
        Assert.All(_asked[4..], times => Assert.Equal(10, times));
        Assert.All(_startsAsked[..4], times => Assert.InRange(times, 15, 20));
        Assert.Equal(_asked[4..], _startsAsked[4..]);
    }

    [Fact]
    public void Numbers_a_minute_beside_asking_everybody()
    {
        Rounds(20);
        Forget();

        Rounds(6);

        // Of eight partitions a minute: 48 ends and 48 starts when all are asked every round.
        Assert.Equal((22, 10), (_asked.Sum(), _startsAsked.Sum()));
    }

    [Fact]
    public void Unread_partitions_are_not_all_asked_in_the_same_round()
    {
        Rounds(20);
        var most = 0;
        for (var round = 0; round < 6; round++)
        {
            Forget();
            Round();
            most = Math.Max(most, _asked[4..].Sum());
        }

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public void An_idle_one_that_moves_is_seen_within_its_pace_and_asked_every_round_again()
    {
        Rounds(21);
        Forget();

        _ends[1] += 5;
        Rounds(2);
        Assert.InRange(_asked[1], 1, 2);
        Forget();
        Rounds(3);

        Assert.Equal(3, _asked[1]);
    }

    [Theory]
    [InlineData("a commit past the known end")]
    [InlineData("the log has grown")]
    public void News_make_an_idle_one_due_at_once(string news)
    {
        Rounds(21);
        Forget();
        Round();
        Round();
        var other = _asked[1] == 1 && _asked[3] == 1;
        Forget();
        _model = news.StartsWith('a')
            ? _model with { Groups = Model([new("t", 0, 1_000), new("t", 1, 1_001), new("t", 2, 1_000), new("t", 3, 1_001)]).Groups }
            : _model with { Load = _model.Load with { ReplicaBytes = [10, 20, 10, 20, 10, 20, 10, 10] } };
        (_ends[1], _ends[3]) = (1_001, 1_001);

        Round();
        Round();
        Round();

        Assert.True(other);
        Assert.Equal((3, 3), (_asked[1], _asked[3]));
        Assert.True(news.StartsWith('a') || (_asked[5] > 0 && _asked[5] < 3), "nobody reads it: one that grew is asked about at once too, and then seldom again");
    }

    [Fact]
    public void A_new_reader_by_assignment_makes_a_partition_due_every_round()
    {
        Rounds(20);
        Forget();
        var member = new GroupMember("m", null, "c", "/h", [new AssignedPartition("t", 6)]);
        _model = _model with { Groups = _model.Groups!.Value.Add(new Group("new", "classic", "consumer", "Stable", 1, [member])) };

        Rounds(3);

        Assert.Equal(3, _asked[6]);
    }

    [Fact]
    public void A_group_that_its_coordinator_hides_for_a_while_still_reads()
    {
        Rounds(20);
        Forget();
        _model = _model with { Groups = [] };

        Rounds(12);

        Assert.Equal(12, _asked[0]);
        Rounds(30);
        Forget();
        Rounds(6);
        Assert.Equal(1, _asked[0]);
    }

    [Fact]
    public void While_groups_are_not_known_every_moving_partition_may_be_read()
    {
        _model = _model with { Groups = null };
        Rounds(20);
        Forget();

        Rounds(6);

        Assert.Equal([6, 3, 6, 3, 6, 3, 6, 3], _asked);
    }

    [Fact]
    public void Who_did_not_answer_and_who_has_no_leader_is_asked_every_round()
    {
        Rounds(20);
        Forget();
        _ends[5] = -1;
        Rounds(13);
        Assert.InRange(_asked[5], 6, 13); // due once a minute, and from the failure on every round

        Forget();
        _model = _model with { Partitions = _model.Partitions with { Leader = [0, 0, 0, 0, 0, 0, 0, -1] } };
        Round();

        Assert.Equal(1, _asked[7]);
    }

    [Fact]
    public void A_log_that_shrank_is_asked_for_its_start()
    {
        _model = _model with { Load = _model.Load with { ReplicaBytes = [50, 50, 50, 50, 50, 50, 50, 50] } };
        Rounds(21);
        while (_startsAsked[0] == 0 || _rhythm.Next(_model, At).Starts[0])
        {
            Round();
        }

        _model = _model with { Load = _model.Load with { ReplicaBytes = [20, 50, 50, 50, 50, 50, 50, 50] } };

        Assert.True(_rhythm.Next(_model, At).Starts[0]);
    }

    [Fact]
    public void What_is_known_follows_the_partition_when_topics_come()
    {
        Rounds(20);
        var table = _model.Partitions;
        _model = _model with
        {
            Partitions = table with
            {
                TopicName = ["a", "t"],
                TopicId = [Guid.NewGuid(), table.TopicId[0]],
                TopicStart = [0, 1, 9],
                Topic = [0, 1, 1, 1, 1, 1, 1, 1, 1],
                Leader = new int[9],
                ReplicaStart = [.. Enumerable.Range(0, 10)],
                ReplicaBroker = new int[9],
            },
            Load = new LoadTable { LogEndOffset = [-1, 1, 1, 1, 1, 1, 1, 1, 1] },
        };

        var asked = _rhythm.Next(_model, At).Ends;

        Assert.True(asked[0], "the new one");
        Assert.True(asked[1], "read and moving");
        Assert.InRange(asked[5..].Count(one => one), 0, 2);
    }

    private DateTimeOffset At => Start.AddSeconds(10 * _round);

    private void Forget()
    {
        Array.Clear(_asked);
        Array.Clear(_startsAsked);
    }

    private void Rounds(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Round();
        }
    }

    /// <summary>Even partitions get records before each round.</summary>
    private void Round()
    {
        for (var p = 0; p < 8; p += 2)
        {
            _ends[p] += _ends[p] < 0 ? 0 : 10;
        }

        var round = _rhythm.Next(_model, At);
        for (var p = 0; p < 8; p++)
        {
            _asked[p] += round.Ends[p] ? 1 : 0;
            _startsAsked[p] += round.Starts[p] ? 1 : 0;
        }

        long[] ends = [.. _ends.Select((end, p) => round.Ends[p] ? end : OffsetsSample.NotAsked)];
        long[] starts = [.. _ends.Select((_, p) => round.Starts[p] ? 0 : OffsetsSample.NotAsked)];
        _rhythm.Took(new OffsetsSample(_model.Partitions, starts, ends), At.AddMilliseconds(200));
        _round++;
    }

    private static ClusterModel Model(ImmutableArray<CommittedOffset> commits) => ClusterState.Initial(new ClusterId("c"), Start).Model with
    {
        Partitions = new PartitionTable
        {
            TopicName = ["t"],
            TopicId = [new Guid(1, 2, 3, [1, 2, 3, 4, 5, 6, 7, 8])],
            TopicInternal = [false],
            TopicMinInSync = [1],
            TopicStart = [0, 8],
            Topic = new int[8],
            Leader = new int[8],
            LeaderEpoch = new int[8],
            ReplicaStart = [.. Enumerable.Range(0, 9)],
            ReplicaBroker = new int[8],
            ReplicaFlags = new ReplicaFlags[8],
        },
        Load = new LoadTable { ReplicaBytes = [10, 10, 10, 10, 10, 10, 10, 10], LogEndOffset = [1, 1, 1, 1, 1, 1, 1, 1] },
        Groups = [new Group("g", "classic", "consumer", "Stable", 1, null) { Offsets = commits }],
    };
}
