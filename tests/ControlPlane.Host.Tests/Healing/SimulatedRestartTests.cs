using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Healing;

/// <summary>A simulated cluster lives in the process that owns it, and its executions outlive that process all the same.</summary>
public sealed class SimulatedRestartTests(StorageServer server) : StorageTests(server)
{
    private const string Root = $"clusters/{HealingHost.Cluster}";

    /// <summary>As the lab of the demo fleet, but with a third of its data: half a minute at the usual throttle.</summary>
    private static readonly SimulationSpec Spec = new() { Brokers = 6, Racks = 3, LogDirsPerBroker = 1, Topics = 6, PartitionsPerTopic = 6, Groups = 1, KilobytesPerSecondPerBroker = 6, Seed = 5 };

    [Fact]
    public async Task An_execution_goes_on_after_a_restart_of_the_product()
    {
        Guid execution;
        ExecutionDto before;
        await using (var first = await HealingHost.StartAsync(Storage, world: null))
        {
            await first.AddClusterAsync(Spec);
            await first.PostAsync<DemoActionDto>($"{Root}/demo", new DemoActionRequest("kill-broker", 3, null));
            await first.IncidentAsync((await first.AnomalyAsync(3)).Id, incident => incident.Anomaly.State == "active");
            var plan = (await first.PostAsync<PlanDetailDto>($"{Root}/plans", new CreatePlanRequest("fix-offline", [3]))).Plan;
            await first.PostAsync<PlanDto>($"{Root}/plans/{plan.Id}/approval", new ApprovePlanRequest(plan.Hash, "test"));
            execution = (await first.UntilAsync<PlanDetailDto>($"{Root}/plans/{plan.Id}", one => one.Plan.ExecutionId is not null)).Plan.ExecutionId!.Value;
            before = (await first.UntilAsync<ExecutionDetailDto>($"{Root}/executions/{execution}", one => one.Execution.BytesDone > 0)).Execution;
        }

        Assert.Null(before.FinishedAt);
        await using var second = await HealingHost.StartAsync(Storage, world: null);

        var resumed = await second.UntilAsync<ExecutionDetailDto>($"{Root}/executions/{execution}", one => one.Journal.Count(entry => entry.Kind == "taken-over") == 2);
        Assert.True(resumed.Execution.State is "moving" or "running" || resumed.Execution.FinishedAt is not null, resumed.Execution.State);
        using var unthrottled = await second.Client.PutAsJsonAsync($"{Root}/executions/{execution}/limits", new ExecutionLimitsRequest(null, 0, "test"), Token);

        var done = await second.UntilAsync<ExecutionDetailDto>($"{Root}/executions/{execution}", one => one.Execution.FinishedAt is not null);
        Assert.True(done.Execution.State == "done", $"{done.Execution.State}: {done.Execution.Sentence}");
        Assert.Empty(done.Execution.Residue);
        Assert.DoesNotContain(done.Journal, entry => entry.Kind == "moves-failed");
        var overview = await second.GetAsync<ClusterOverviewDto>($"{Root}/overview");
        Assert.Equal("Down", overview.Brokers.Single(broker => broker.Id == 3).State);
    }
}
