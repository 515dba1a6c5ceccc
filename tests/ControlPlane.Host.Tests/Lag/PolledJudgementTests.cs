using ControlPlane.Clusters;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Host.Tests.Simulation;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>Groups judged from polled pictures of a simulated cluster, in virtual time.</summary>
public sealed class PolledJudgementTests
{
    private readonly ManualTime _time = new(SimulatedWorld.Start);
    private readonly SimulatedKafkaCluster _kafka;
    private EndOffsetStore _ends = new();
    private LagShard _shard;
    private PolledFeed _feed;
    private readonly OffsetRhythm _rhythm = new(new OffsetPace(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1)));
    private readonly GroupJudge _judge = new(LagPolicy.Usual, TimeSpan.FromMinutes(5));
    private ClusterState _state;

    public PolledJudgementTests()
    {
        _kafka = SimulatedKafkaCluster.Open(new SimulationSpec { Brokers = 3, Topics = 6, PartitionsPerTopic = 4, Groups = 5, Seed = 11 }, _time);
        _state = ClusterState.Initial(new ClusterId("sim"), _time.GetUtcNow());
        _shard = new LagShard(new LagStoreOptions(), _ends);
        _feed = new PolledFeed(_ends, _shard);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ClusterModel Model => _state.Model;

    [Fact]
    public async Task Healthy_groups_are_never_called_anything_but_OK()
    {
        for (var seconds = 0; seconds < 2 * 3_600; seconds += 15)
        {
            var judged = await PollAsync();
            Assert.All(judged, one => Assert.True(one.Value.Word == "OK", $"{one.Key} after {seconds} s: {one.Value.Sentence}"));
        }
    }

    [Fact]
    public async Task A_group_that_stops_is_an_error_within_minutes_with_time_lag_and_cause_and_is_well_again_when_it_reads_on()
    {
        await ForAsync(600);
        var group = Model.Groups!.Value.First(one => one.Offsets is { Length: > 0 }).Id;
        await _kafka.CommandAsync(world => world.StopGroup(group), Token);

        var (judgement, after) = await UntilAsync(group, one => one.Word == "ERR", 240);
        Assert.Equal(Status.Crit, judgement.Status);
        Assert.True(judgement.TimeLagMs > 30_000 && judgement.TimeLagMs <= (after + 30) * 1000, $"{judgement.TimeLagMs} ms after {after} s");
        Assert.Contains("STOP", judgement.Sentence, StringComparison.Ordinal);
        Assert.NotEqual("done", judgement.CatchUp);
        var empty = (await UntilAsync(group, one => one.Cause is not null, 120)).Judgement;
        Assert.Equal("no-members", empty.Cause);
        Assert.All((await PollAsync()).Where(one => one.Key != group), one => Assert.Equal("OK", one.Value.Word));

        await _kafka.CommandAsync(world => world.StartGroup(group), Token);
        await UntilAsync(group, one => one.Word == "OK", 600);
    }

    [Fact]
    public async Task What_is_forgotten_or_deleted_in_Kafka_is_forgotten_here()
    {
        await ForAsync(60);
        var group = Model.Groups!.Value.First(one => one.Offsets is { Length: > 1 });
        await _kafka.CommandAsync(world => world.StopGroup(group.Id), Token);
        await ForAsync(90);
        var (partitions, first) = (_shard.Partitions, group.Offsets!.Value[0]);

        Assert.Single(await _kafka.GroupOperations.DeleteOffsetsAsync(group, [(first.Topic, first.Partition)], Token));
        await ForAsync(15);
        Assert.Equal(partitions - 1, _shard.Partitions);
        await _kafka.GroupOperations.DeleteGroupAsync(group.Id, Token);
        await ForAsync(15);

        Assert.False(_shard.TryRead(group.Id, new LagSnapshot()));
        Assert.Equal(partitions - group.Offsets.Value.Length, _shard.Partitions);
    }

    /// <summary>As after kill -9: windows and log ends come from memory, and what happened meanwhile is seen by the first poll.</summary>
    [Fact]
    public async Task A_process_that_goes_on_from_memory_tells_the_same_and_forgets_what_is_gone()
    {
        await ForAsync(600);
        var groups = Model.Groups!.Value.Where(one => one.Offsets is { Length: > 1 }).Select(one => one.Id).ToArray();
        var (stopped, gone) = (groups[0], groups[1]);
        var group = Model.Groups.Value.Single(one => one.Id == stopped);
        await _kafka.CommandAsync(world => world.StopGroup(stopped), Token);
        await _kafka.CommandAsync(world => world.StopGroup(gone), Token);
        await UntilAsync(stopped, one => one.Word == "ERR", 240);
        var (before, trimmed) = (Read(stopped), Model.Groups.Value.Single(one => one.Id == stopped).Offsets!.Value[0]);

        Restart();
        Assert.Equal(Read(stopped), before);
        await _kafka.GroupOperations.DeleteOffsetsAsync(group, [(trimmed.Topic, trimmed.Partition)], Token);
        await _kafka.GroupOperations.DeleteGroupAsync(gone, Token);
        var judged = await PollAsync();

        Assert.Equal("ERR", judged[stopped].Word);
        Assert.Contains("STOP", judged[stopped].Sentence, StringComparison.Ordinal);
        Assert.Equal(Read(stopped), before.Where(one => (one.Topic, one.Partition) != (trimmed.Topic, trimmed.Partition)));
        Assert.False(_shard.TryRead(gone, new LagSnapshot()));
        Assert.All(judged.Where(one => one.Key != stopped), one => Assert.Equal("OK", one.Value.Word));
    }

    [Fact]
    public async Task A_coordinator_that_does_not_answer_hides_no_group_for_good()
    {
        await ForAsync(300);
        var groups = _shard.Groups;
        await _kafka.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 1, null), Token);
        await ForAsync(120);

        Assert.Equal(groups, _shard.Groups);
    }

    [Fact]
    public async Task Each_partition_is_explained_by_the_commits_it_was_judged_by()
    {
        await ForAsync(600);
        var (group, snapshot) = (Model.Groups!.Value.First(one => one.Offsets is { Length: > 0 }), new LagSnapshot());
        Assert.True(_shard.TryRead(group.Id, snapshot));

        var judged = _judge.JudgePartitions(snapshot, group, _time.GetUtcNow().ToUnixTimeMilliseconds());

        Assert.Equal(group.Offsets!.Value.Length, judged.Count);
        Assert.All(judged, one =>
        {
            Assert.NotEmpty(one.Window);
            Assert.Equal(one.Window.OrderBy(commit => commit.Timestamp), one.Window);
            Assert.Equal(group.Offsets.Value.Single(commit => commit.Topic == one.Topic && commit.Partition == one.Partition).Offset, one.Window[^1].Offset);
        });
    }

    /// <summary>Commits of a group: what they say and when they were made.</summary>
    private List<(string Topic, int Partition, string Commits)> Read(string group)
    {
        var snapshot = new LagSnapshot();
        Assert.True(_shard.TryRead(group, snapshot));
        return [.. Enumerable.Range(0, snapshot.Count).Select(i => (snapshot.Topic(i), snapshot.Partition(i), $"{string.Join(' ', snapshot.Window(i, 0).Offsets.ToArray())} at {string.Join(' ', snapshot.Window(i, 0).Times.ToArray())}")).Order()];
    }

    private void Restart()
    {
        var (windows, curves, ends) = (new MemoryWriter(), new MemoryWriter(), new EndOffsetStore());
        Assert.Equal(_shard.Places, WindowsMemory.Write(windows, _shard, 0));
        EndsMemory.Write(curves, _ends, 0, _time.GetUtcNow().ToUnixTimeMilliseconds());
        (_ends, _shard) = (ends, new LagShard(new LagStoreOptions(), ends));
        EndsMemory.Read(curves.Written, _ends);
        WindowsMemory.Read(windows.Written, _shard);
        _feed = new PolledFeed(_ends, _shard);
        _state = ClusterState.Initial(new ClusterId("sim"), _time.GetUtcNow());
    }

    private async Task ForAsync(int seconds)
    {
        for (var passed = 0; passed < seconds; passed += 15)
        {
            await PollAsync();
        }
    }

    private async Task<(GroupJudgement Judgement, int After)> UntilAsync(string group, Func<GroupJudgement, bool> condition, int patience)
    {
        for (var passed = 15; ; passed += 15)
        {
            var judgement = (await PollAsync())[group];
            if (condition(judgement))
            {
                return (judgement, passed);
            }

            Assert.True(passed < patience, $"after {passed} s still {judgement.Word}: {judgement.Sentence}");
        }
    }

    /// <summary>A round as the sampler makes it: 15 seconds later, ends first.</summary>
    private async Task<Dictionary<string, GroupJudgement>> PollAsync()
    {
        _time.Pass(15);
        Handle(SampleKind.Topology, await _kafka.FetchTopologyAsync(Token));
        var offsets = await _kafka.FetchOffsetsAsync(Model, _rhythm.Next(Model, _time.GetUtcNow()), Token);
        _rhythm.Took(offsets.Value!, offsets.At);
        Handle(SampleKind.Offsets, offsets);
        Handle(SampleKind.Groups, await _kafka.FetchGroupsAsync(Token));
        _feed.Take(Model);
        _feed.Take(Model); // a picture that was taken already changes nothing
        var (judged, snapshot) = (new Dictionary<string, GroupJudgement>(StringComparer.Ordinal), new LagSnapshot());
        foreach (var group in (Model.Groups ?? []).Where(group => _shard.TryRead(group.Id, snapshot)))
        {
            _shard.TryRead(group.Id, snapshot);
            judged[group.Id] = _judge.Judge(snapshot, group, Model, _time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        return judged;
    }

    private void Handle<T>(SampleKind kind, Sampled<T> sample)
        where T : class
        => _state = ClusterLogic.Handle(_state, new SampleTaken<T>(kind, TimeSpan.FromSeconds(15), sample), _time.GetUtcNow()).State;
}
