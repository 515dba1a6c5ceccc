using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Executions through the API: what is there, who may steer, what is refused and what the audit trail keeps.</summary>
public sealed class ExecutionTests(PlanFixture api) : IClassFixture<PlanFixture>
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ApiHost Host => api.Host;

    [Fact]
    public async Task Unknown_ids_other_clusters_and_roles_are_refused()
    {
        var (mine, id) = await StartAsync("exec-a");
        await StartAsync("exec-b");

        Assert.Contains("unknown-execution", (await Host.GetAsync($"{mine}/{Guid.NewGuid()}", api.Viewer)).IsProblem(404).Body, StringComparison.Ordinal);
        (await Host.GetAsync($"{mine}/nonsense", api.Viewer)).IsProblem(404);
        (await Host.GetAsync($"/api/v1/clusters/exec-b/executions/{id}", api.Viewer)).IsProblem(404);
        (await PostAsync($"/api/v1/clusters/exec-b/executions/{id}/pause", "{}")).IsProblem(404);
        (await Host.SendAsync(HttpMethod.Post, $"{mine}/{id}/pause", api.Viewer, "{}")).IsProblem(403);
        (await Host.GetAsync($"{mine}/{id}", api.Viewer)).Is(200);
        Assert.Equal(1, (await Host.GetAsync($"{mine}/{id}/moves?state=pending", api.Viewer)).Is(200).Json.GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("{}", "movesPerBroker")]
    [InlineData("""{"movesPerBroker":0}""", "1 to 1000")]
    [InlineData("""{"movesPerBroker":1001}""", "1 to 1000")]
    [InlineData("""{"throttleBytesPerSecond":999999}""", "at least 1000000")]
    [InlineData("""{"throttleBytesPerSecond":-1}""", "at least 1000000")]
    public async Task Limits_that_make_no_sense_are_explained(string body, string words)
    {
        var (path, id) = await StartAsync("exec-limits");

        Assert.Contains(words, (await Host.SendAsync(HttpMethod.Put, $"{path}/{id}/limits", api.Operator, body)).IsProblem(400).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_needs_a_state_it_makes_sense_in_and_an_owner_at_work()
    {
        var (path, id) = await StartAsync("exec-state");
        (await PostAsync($"{path}/{id}/cancel", """{"mode":"later"}""")).IsProblem(400);
        Assert.Contains("not paused", (await PostAsync($"{path}/{id}/resume", "{}")).IsProblem(409).Body, StringComparison.Ordinal);
        Assert.Contains("no-runner", (await PostAsync($"{path}/{id}/pause", "{}")).IsProblem(503).Body, StringComparison.Ordinal);

        await AppendAsync("exec-state", id, new ExecutionEvent.PauseAsked(Now, "ada", null));
        Assert.Contains("paused already", (await PostAsync($"{path}/{id}/pause", "{}")).IsProblem(409).Body, StringComparison.Ordinal);

        await AppendAsync("exec-state", id, new ExecutionEvent.Finished(Now, ExecutionStage.Cancelled, []));
        Assert.Contains("has ended", (await PostAsync($"{path}/{id}/cancel", """{"mode":"revert-in-flight"}""")).IsProblem(409).Body, StringComparison.Ordinal);
        Assert.Equal("cancelled", (await Host.GetAsync($"{path}/{id}", api.Viewer)).Is(200).Json.GetProperty("execution").GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_its_owner_took_is_answered_and_kept_in_the_audit_trail()
    {
        var (path, id) = await StartAsync("exec-taken");
        var (cluster, desk) = (new ClusterId("exec-taken"), Host.Get<ExecutionDesk>());
        var history = await Host.Get<ExecutionStore>().LoadAsync(cluster, id, Token);
        var box = desk.Open(cluster);
        box.Publish([new LiveExecution(id, history!.State, ExecutionProgress.None)]);

        var asking = PostAsync($"{path}/{id}/pause", """{"reason":"peak hours"}""");
        await box.Pulse.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.True(box.TryTake(out var letter));
        Assert.IsType<ExecutionCommand.Pause>(letter.Command);
        await AppendAsync("exec-taken", id, new ExecutionEvent.PauseAsked(Now, letter.Command.By, letter.Command.Why));
        letter.Answer.SetResult(new CommandAnswer.Taken(history.State));
        (await asking).Is(200);
        desk.Close(cluster, box);

        var entry = (await Host.GetAsync("/api/v1/audit?cluster=exec-taken&action=execution.pause", api.Viewer)).Is(200).Json.GetProperty("items")[0];
        Assert.Contains("peak hours", entry.ToString(), StringComparison.Ordinal);
        Assert.Contains(id.ToString(), entry.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_tell_of_a_running_execution_and_pass_promtool()
    {
        var (_, id) = await StartAsync("exec-metrics");
        var (cluster, desk) = (new ClusterId("exec-metrics"), Host.Get<ExecutionDesk>());
        var figures = new ExecutionMetrics(Host.Get<IMeterFactory>(), desk);
        var history = await Host.Get<ExecutionStore>().LoadAsync(cluster, id, Token);
        var box = desk.Open(cluster);
        box.Publish([new LiveExecution(id, history!.State.Apply(new ExecutionEvent.Prepared(Now)), new ExecutionProgress(400, 1_000, 100, 6, ImmutableDictionary<int, long>.Empty))]);

        var metrics = (await Host.GetAsync("/metrics", null)).Is(200).Body;

        Assert.Contains("kcp_execution_state{cluster=\"exec-metrics\",state=\"running\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_execution_state{cluster=\"exec-metrics\",state=\"paused\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_execution_bytes_moved_total{cluster=\"exec-metrics\"} 400", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_execution_bytes_remaining{cluster=\"exec-metrics\"} 600", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_execution_eta_seconds{cluster=\"exec-metrics\"} 6", metrics, StringComparison.Ordinal);
        await Promtool.CheckAsync(metrics);
        desk.Close(cluster, box);
        GC.KeepAlive(figures);
    }

    private async Task<(string Path, Guid Id)> StartAsync(string name)
    {
        var cluster = new ClusterId(name);
        await Host.PublishAsync(A.Cluster(name).Brokers(3).Topic("orders", partitions: 2, replicas: 2).Build());
        if (!Host.Views.Leases.TryGetValue(cluster, out var lease))
        {
            Host.Views.Leases[cluster] = lease = Assert.IsType<ClusterLease>(await Host.Get<OwnershipStore>().TryClaimAsync(cluster, Host.Get<ProcessIdentity>().Id, Token));
        }

        var plan = new RebalancePlan(Guid.NewGuid(), cluster, PlanMode.FixOffline, Now, 1)
        {
            Moves = [new PlannedMove("orders", Guid.NewGuid(), 0, [1, 2], [3, 2], 1_000, MoveClass.Balance, "test")],
            Limits = new ExecutionLimits(5, null),
            Verdict = new PlanVerdict(true, []),
        };
        var id = Guid.NewGuid();
        Assert.True(await Host.Get<ExecutionStore>().StartAsync(lease, id, plan, "ada", (_, _) => Task.FromResult(true), Now, Token));
        return ($"/api/v1/clusters/{name}/executions", id);
    }

    private async Task AppendAsync(string cluster, Guid id, ExecutionEvent change)
    {
        var store = Host.Get<ExecutionStore>();
        var history = await store.LoadAsync(new ClusterId(cluster), id, Token);
        await store.AppendAsync(Host.Views.Leases[new ClusterId(cluster)], id, history!.Execution.Sequence, [change], history.State.Apply(change), null, Token);
    }

    private Task<Reply> PostAsync(string path, string body) => Host.SendAsync(HttpMethod.Post, path, api.Operator, body);
}
