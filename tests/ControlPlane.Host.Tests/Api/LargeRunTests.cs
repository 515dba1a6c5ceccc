using System.Text.Json;
using ControlPlane.Analyzer;
using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Runs on a large model that are ended in the middle, by a person and by their deadline: held still there, so that no clock decides.</summary>
public sealed class LargeRunTests(PlanFixture api) : IClassFixture<PlanFixture>
{
    private const int Brokers = 100;
    private const int Many = 10_000;
    private const string Rebalance = """{"mode":"rebalance","throttleBytesPerSecond":10000000}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ApiHost Host => api.Host;

    [Fact]
    public async Task A_run_that_a_person_ends_keeps_the_best_until_then_and_a_second_one_meanwhile_is_refused()
    {
        var cluster = await PublishAsync("large");
        using var held = new HeldSearch(Host, cluster, "balance");

        var started = (await PostAsync($"{cluster}/optimizer-runs", Rebalance)).Is(202).Json.GetProperty("id").GetString();
        await held.Reached.WaitAsync(Token);

        var second = (await PostAsync($"{cluster}/optimizer-runs", Rebalance)).IsProblem(409);
        Assert.Contains(started!, second.Body, StringComparison.Ordinal);
        var running = (await GetAsync($"{cluster}/optimizer-runs/{started}")).Is(200).Json;
        Assert.Equal(("running", "balance"), (running.GetProperty("state").GetString(), running.GetProperty("phase").GetString()));
        (await Host.SendAsync(HttpMethod.Delete, $"{cluster}/optimizer-runs/{started}", api.Viewer)).IsProblem(403);
        (await Host.SendAsync(HttpMethod.Delete, $"{cluster}/optimizer-runs/{started}", api.Operator)).Is(202);
        held.Release();
        var ended = await held.EndedAsync(() => GetAsync($"{cluster}/optimizer-runs/{started}"));

        Assert.Equal("cancelled", ended.GetProperty("state").GetString());
        await AssertSoundAsync(cluster, ended);
        Assert.Equal(1, (await GetAsync($"{cluster}/optimizer-runs")).Is(200).Json.GetProperty("total").GetInt32());
        (await PostAsync($"{cluster}/optimizer-runs", Rebalance)).Is(202); // the place is free again
    }

    [Fact]
    public async Task A_deadline_gives_the_best_until_then()
    {
        var (cluster, id) = (await PublishAsync("late"), new ClusterId("late"));
        var time = new FakeTime();
        using var runs = new OptimizerRuns(Host.Views, Host.Get<OptimizerDesk>(), Host.Get<RunEnd>(), time, Host.Get<IHostApplicationLifetime>());
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Host.Views.Announced = announced =>
        {
            if (announced != id || runs.List(id) is not [var run, ..])
            {
                return;
            }

            if (run.State != RunState.Running)
            {
                ended.TrySetResult();
            }
            else if (run.Phases is [.., { Figures.Phase: "balance" }] && time.GetUtcNow() < run.StartedAt + run.Ask.Deadline)
            {
                time.Advance(run.Ask.Deadline);
            }
        };

        var started = Assert.IsType<RunStart.Started>(await runs.StartAsync(id, new OptimizerAsk(OptimizerWish.Rebalance, ExecutionLimits.Default, TimeSpan.FromSeconds(30), """{"mode":"rebalance"}"""), "test", Token));
        await ended.Task.WaitAsync(Token);
        Host.Views.Announced = null;

        var run = runs.Find(id, started.Run.Id)!;
        Assert.Equal((RunState.Done, true), (run.State, run.Plan!.IsCut));
        Assert.True(run.IsPlanStored, run.Sentence);
        var detail = (await GetAsync($"{cluster}/plans/{run.Id}")).Is(200).Json;
        AssertSound(detail);
    }

    [Fact]
    public async Task What_can_not_be_reached_tells_what_was_run_to_make_it_possible()
    {
        // Five in six of all bytes there is room for are taken, and no disk may be fuller than 80 %.
        var cluster = await PublishAsync("tight", used: 0.85, partitions: 2_000);
        using var ending = new HeldSearch(Host, cluster, "never");
        const string patient = """{"mode":"rebalance","throttleBytesPerSecond":10000000,"options":{"deadlineSeconds":600}}"""; // each step up is a whole run

        var started = (await PostAsync($"{cluster}/optimizer-runs", patient)).Is(202).Json.GetProperty("id").GetString();
        var ended = await ending.EndedAsync(() => GetAsync($"{cluster}/optimizer-runs/{started}"));

        Assert.Equal("infeasible", ended.GetProperty("outcome").GetString());
        Assert.Contains(ended.GetProperty("phases").EnumerateArray(), phase => phase.GetProperty("phase").GetString() == "remedies");
        var proof = ended.GetProperty("proofs").EnumerateArray().First(one => one.GetProperty("constraint").GetString() == "DiskCapacityGoal");
        var remedy = proof.GetProperty("remedy");
        Assert.True(remedy.GetProperty("isConstructed").GetBoolean(), proof.ToString());
        Assert.Equal("brokers", remedy.GetProperty("kind").GetString());
        Assert.InRange(remedy.GetProperty("count").GetInt32(), 7, 9); // 85 % of 100 brokers at 80 % of each: 106.25
        Assert.Contains("was run with them", remedy.GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Cut short, sound by the verifier, and no goal further from its band than before.</summary>
    private async Task AssertSoundAsync(string cluster, JsonElement run) => AssertSound((await GetAsync($"{cluster}/plans/{run.GetProperty("planId")}")).Is(200).Json);

    private static void AssertSound(JsonElement detail)
    {
        var (plan, findings) = (detail.GetProperty("plan"), detail.GetProperty("findings"));
        Assert.True(plan.GetProperty("isSound").GetBoolean(), string.Join(' ', detail.GetProperty("problems").EnumerateArray()));
        Assert.True(findings.GetProperty("isCut").GetBoolean());
        Assert.True(plan.GetProperty("moves").GetInt32() > 0);
        var goals = findings.GetProperty("goals").EnumerateArray().ToArray();
        Assert.All(goals.Where(goal => goal.GetProperty("isHard").GetBoolean()), goal => Assert.True(goal.GetProperty("violatedAfter").GetInt32() <= goal.GetProperty("violatedBefore").GetInt32(), goal.ToString()));
        Assert.True(goals.Sum(goal => goal.GetProperty("distanceAfter").GetDouble()) < goals.Sum(goal => goal.GetProperty("distanceBefore").GetDouble()));
    }

    /// <summary>A third of the brokers hold two thirds of the replicas, each partition on two racks.</summary>
    private static ClusterModel Skewed(string id, double used, int partitions)
    {
        var model = A.Cluster(id).Brokers(Brokers, racks: 5).Topic("orders", partitions, replicas: 2).Build();
        var (random, now) = (new Random(5), TimeProvider.System.GetUtcNow());
        var brokers = new int[partitions * 2];
        for (var partition = 0; partition < partitions; partition++)
        {
            brokers[partition * 2] = random.Next(3) == 0 ? random.Next(Brokers) : random.Next(Brokers / 3);
            do
            {
                brokers[(partition * 2) + 1] = random.Next(Brokers);
            }
            while (model.Brokers[brokers[partition * 2]].Rack == model.Brokers[brokers[(partition * 2) + 1]].Rack);
        }

        long[] sizes = [.. Enumerable.Range(0, partitions).Select(_ => 500_000L + random.Next(1_000_000)).SelectMany(size => (long[])[size, size])];
        var disk = (long)(sizes.Sum() / used / Brokers);
        return model with
        {
            Reassigning = [],
            Brokers = [.. model.Brokers.Select((broker, index) => broker with { LogDirs = [new LogDir("/data/1", null, disk, disk - Held(index), Held(index), 20)] })],
            Partitions = model.Partitions with { ReplicaBroker = brokers, Leader = [.. Enumerable.Range(0, partitions).Select(partition => brokers[partition * 2])] },
            Load = model.Load with { BytesIn = [.. Enumerable.Range(0, partitions).Select(_ => 1 + random.NextSingle())], ReplicaBytes = sizes },
            Samples = [.. model.Samples.Select(sample => sample with { LastSuccess = now, Interval = TimeSpan.FromHours(1) })],
        };

        long Held(int index) => Math.Min(disk, brokers.Select((broker, slot) => broker == index ? sizes[slot] : 0).Sum());
    }

    private async Task<string> PublishAsync(string id, double used = 0.4, int partitions = Many)
    {
        await Host.PublishAsync(Skewed(id, used, partitions));
        var cluster = new ClusterId(id);
        Host.Views.Leases[cluster] = Assert.IsType<ClusterLease>(await Host.Get<OwnershipStore>().TryClaimAsync(cluster, Host.Get<ProcessIdentity>().Id, Token));
        return $"/api/v1/clusters/{id}";
    }

    private Task<Reply> PostAsync(string path, string body) => Host.SendAsync(HttpMethod.Post, path, api.Operator, body);

    private Task<Reply> GetAsync(string path) => Host.GetAsync(path, api.Viewer);

    /// <summary>Holds the thread of the search when it tells its phase, until it is let go.</summary>
    private sealed class HeldSearch : IDisposable
    {
        private readonly ApiHost _host;
        private readonly ManualResetEventSlim _gate = new();
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldSearch(ApiHost host, string cluster, string phase)
        {
            _host = host;
            var (runs, id) = (host.Get<OptimizerRuns>(), new ClusterId(cluster.Split('/')[^1]));
            host.Views.Announced = announced =>
            {
                if (announced != id || runs.List(id) is not [var run, ..])
                {
                    return;
                }

                if (run.State != RunState.Running)
                {
                    _ended.TrySetResult();
                }
                else if (run.Phases is [.., var last] && last.Figures.Phase == phase)
                {
                    _reached.TrySetResult();
                    _gate.Wait(Token);
                }
            };
        }

        public Task Reached => _reached.Task;

        public void Release() => _gate.Set();

        public async Task<JsonElement> EndedAsync(Func<Task<Reply>> read)
        {
            await _ended.Task.WaitAsync(Token);
            return (await read()).Is(200).Json;
        }

        public void Dispose()
        {
            _host.Views.Announced = null;
            _gate.Set();
            _gate.Dispose();
        }
    }
}
