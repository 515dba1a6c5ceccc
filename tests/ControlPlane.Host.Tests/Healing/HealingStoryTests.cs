using System.Net.Http.Json;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Execution;
using ControlPlane.Host.Tests.Api;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Healing;

/// <summary>A broker of a simulated cluster dies, and healing decides and acts, through the API and PostgreSQL.</summary>
public sealed class HealingStoryTests(StorageServer server) : StorageTests(server)
{
    private const string Healing = $"clusters/{HealingHost.Cluster}/healing";

    private static readonly SimulationSpec Spec = new() { Brokers = 6, Racks = 3, LogDirsPerBroker = 1, Topics = 3, PartitionsPerTopic = 4, ReplicationFactor = 3, Groups = 1, Seed = 5 };

    [Fact]
    public async Task A_dead_broker_is_healed_after_its_grace_time_by_the_policy_alone()
    {
        await using var world = new SharedWorld(Spec);
        await using var host = await HealingHost.StartAsync(Storage, world);
        await host.AddClusterAsync();
        await host.SetAsync("heal", 10);
        await world.KillAsync(3);
        var id = (await host.AnomalyAsync(3)).Id;

        var healed = await host.HealedAsync(id, world);

        var plan = Assert.Single(healed.Plans);
        Assert.Equal(("done", "healing policy", "healing policy", (Guid?)id), (plan.State, plan.MadeBy, plan.DecidedBy, plan.AnomalyId));
        Assert.True(plan.DecidedAt is not null && healed.Executions.Single().Residue.Count == 0);
        Assert.Equal("done", healed.Executions.Single().State);
        var decisions = (await host.DecisionsAsync(id)).Reverse().ToArray();
        Assert.Equal("ended", decisions[^1].Outcome);
        var waited = decisions.First(decision => decision is { Outcome: "waiting", ActsAt: not null });
        Assert.Equal(healed.Anomaly.ActiveAt!.Value.AddSeconds(10), waited.ActsAt!.Value, TimeSpan.FromMilliseconds(1));
        var started = decisions.First(decision => decision.Outcome == "started");
        Assert.Equal(plan.Id, started.PlanId);
        Assert.All(started.Guards, guard => Assert.True(guard.Passed, guard.Sentence));
        Assert.True(started.At >= waited.ActsAt);
        Assert.Equal(new[] { "anomaly", "broker", "execution", "healing", "plan" }, healed.Timeline.Select(entry => entry.Lane).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(healed.Timeline.Select(entry => entry.At).Order(), healed.Timeline.Select(entry => entry.At));
        Assert.Equal(0, await StillOnAsync(world, 3));
        var short_ = await host.GetAsync<IncidentDto>($"incidents/{id}");
        Assert.Equal((healed.Anomaly.Cluster, plan.Id), (short_.Anomaly.Cluster, short_.Plans.Single().Id));
        Assert.Contains((await host.GetAsync<AuditPageDto>("audit?action=healing.start")).Items, entry => entry is { Actor: "healing policy", ActorKind: "system" });
        var metrics = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        Assert.Contains("kcp_self_healing_enabled{cluster=\"sim\",type=\"broker-down\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_self_healing_actions_total{cluster=\"sim\",result=\"done\",type=\"broker-down\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_time_to_heal_seconds_count{cluster=\"sim\",type=\"broker-down\"} 1", metrics, StringComparison.Ordinal);
        await Promtool.CheckAsync(metrics);
    }

    [Fact]
    public async Task A_broker_that_returns_within_its_grace_time_moves_nothing()
    {
        await using var world = new SharedWorld(Spec);
        await using var host = await HealingHost.StartAsync(Storage, world);
        await host.AddClusterAsync();
        await host.SetAsync("heal", 600);
        await world.KillAsync(3);
        var id = (await host.AnomalyAsync(3)).Id;
        var waiting = await host.IncidentAsync(id, incident => incident.Healing is { Outcome: "waiting", ActsAt: not null });
        Assert.Equal("heal-now", waiting.Actions[0].Action);
        Assert.Empty(waiting.Plans);

        await world.RestoreAsync();

        var over = await host.UntilAsync<Page<HealingDecisionDto>>($"{Healing}/decisions?anomaly={id}", page => page.Items[0].Outcome == "not-needed");
        Assert.DoesNotContain(over.Items, decision => decision.Outcome is "started" or "proposed");
        Assert.Equal(0, (await host.GetAsync<Page<PlanDto>>($"clusters/{HealingHost.Cluster}/plans")).Total);
    }

    [Fact]
    public async Task What_holds_healing_back_is_named_and_what_waited_is_healed_once_it_is_gone()
    {
        await using var world = new SharedWorld(Spec);
        await using var host = await HealingHost.StartAsync(Storage, world);
        await host.AddClusterAsync();
        await host.SetAsync("heal", 0);
        await host.PostAsync<HealingPolicyDto>($"{Healing}/pause", new PauseHealingRequest(TimeProvider.System.GetUtcNow().AddHours(5), "maintenance"));
        await world.KillAsync(3);
        var id = (await host.AnomalyAsync(3)).Id;

        var paused = await host.HealingAsync(id, "blocked", "not-paused");
        Assert.Contains("maintenance", paused.Healing!.Sentence, StringComparison.Ordinal);
        await host.IncidentAsync(id, incident => incident.Anomaly.State == "active");

        world.HidesReassignments = true;
        await host.IncidentAsync(id, incident => incident.Healing!.Guards.Any(guard => guard is { Name: "picture-fresh", Passed: false }));
        await host.PostAsync<HealingPolicyDto>($"{Healing}/resume", null);
        var stale = await host.HealingAsync(id, "blocked", "picture-fresh");
        Assert.Empty(stale.Plans);

        world.HidesReassignments = false;
        var begun = await host.IncidentAsync(id, incident => incident.Healing!.Outcome == "started");
        Assert.Equal("healing policy", begun.Plans.Single().MadeBy);
    }

    [Fact]
    public async Task A_second_dead_broker_and_a_reassignment_by_others_hold_healing_back()
    {
        await using var world = new SharedWorld(Spec);
        await using var host = await HealingHost.StartAsync(Storage, world);
        await host.AddClusterAsync();
        await host.SetAsync("heal", 1);
        await world.KillAsync(3);
        await world.KillAsync(5);
        await host.AnomalyAsync(5);
        var id = (await host.AnomalyAsync(3)).Id;

        var blocked = await host.HealingAsync(id, "blocked", "brokers-down");

        Assert.Contains("2 brokers of 6 are down (brokers 3, 5), more than 1", blocked.Healing!.Sentence, StringComparison.Ordinal);
        var refused = Assert.Single(blocked.Actions, action => action.Action == "heal-now").Refused;
        Assert.Contains("2 brokers of 6", refused, StringComparison.Ordinal);
        await ReassignAsync(world, to: 5); // never ends: the destination is dead
        await host.UntilAsync<ClusterOverviewDto>($"clusters/{HealingHost.Cluster}/overview", overview => overview.Reassigning == 1);
        await host.SetAsync("heal", 1, maxBrokersDown: 2);
        var foreign = await host.HealingAsync(id, "blocked", "no-reassignment");
        Assert.Empty(blocked.Plans);
        Assert.Empty(foreign.Plans);
    }

    [Fact]
    public async Task Heal_now_passes_over_mode_and_grace_and_answers_with_the_decision()
    {
        await using var world = new SharedWorld(Spec);
        await using var host = await HealingHost.StartAsync(Storage, world);
        await host.AddClusterAsync();
        await world.KillAsync(3);
        var id = (await host.AnomalyAsync(3)).Id;
        await host.IncidentAsync(id, incident => incident is { Anomaly.State: "active", Healing.Outcome: "observing" });
        await host.IncidentAsync(id, incident => incident.Healing!.Guards.All(guard => guard.Passed == true || guard.Name == "grace-elapsed"));

        var left = await host.PostAsync<HealingDecisionDto>($"clusters/{HealingHost.Cluster}/anomalies/{id}/healing", new HealingOverrideRequest("leave-alone", null, "I restart it"));
        Assert.Equal("left-alone", left.Outcome);
        var now = await host.PostAsync<HealingDecisionDto>($"clusters/{HealingHost.Cluster}/anomalies/{id}/healing", new HealingOverrideRequest("heal-now", null, "it is broken"));

        Assert.True(now.Outcome is "started", now.Sentence);
        var healed = await host.HealedAsync(id, world);
        Assert.Equal(now.PlanId, Assert.Single(healed.Plans).Id);
    }

    [Fact]
    public async Task A_plan_that_waits_for_a_yes_and_no_longer_fits_is_renewed_and_the_incident_says_so()
    {
        await using var world = new SharedWorld(Spec);
        await using var host = await HealingHost.StartAsync(Storage, world);
        await host.AddClusterAsync();
        await host.SetAsync("propose", 0);
        await world.KillAsync(3);
        var id = (await host.AnomalyAsync(3)).Id;
        var old = (await host.IncidentAsync(id, incident => incident is { Healing.Outcome: "proposed", Plans: [{ State: "proposed" }] })).Plans.Single();

        var changed = await ReorderAsync(world, 3);
        var early = await host.HealingAsync(id, "blocked", "not-repeated");
        Assert.Contains($"The replicas of {changed} are", early.Healing!.Sentence, StringComparison.Ordinal);
        Assert.Equal(old.Id, Assert.Single(early.Plans).Id);
        await Storage.ExecuteAsync("ALTER TABLE plans DISABLE TRIGGER USER; UPDATE plans SET made_at = made_at - interval '6 minutes'; ALTER TABLE plans ENABLE TRIGGER USER", Token);

        var renewed = await host.IncidentAsync(id, incident => incident is { Healing: { Outcome: "proposed", PlanId: { } next }, Plans.Count: 2 } && next != old.Id);

        var (gone, fresh) = (renewed.Plans.Single(plan => plan.Id == old.Id), renewed.Plans.Single(plan => plan.Id != old.Id));
        Assert.Equal(("stale", "healing policy"), (gone.State, gone.DecidedBy));
        Assert.Contains($"The replicas of {changed} are", gone.Problem, StringComparison.Ordinal);
        Assert.Equal((old.Moves, fresh.Id), (fresh.Moves, renewed.Healing!.PlanId));
        Assert.Contains(renewed.Timeline, entry => entry is { Lane: "healing" } && entry.Sentence.StartsWith($"Plan {old.Id} no longer fits the cluster", StringComparison.Ordinal));
        Assert.Contains(renewed.Timeline, entry => entry is { Lane: "plan" } && entry.Sentence.StartsWith("healing policy gave the plan up", StringComparison.Ordinal));
        using var refused = await host.Client.PostAsJsonAsync($"clusters/{HealingHost.Cluster}/plans/{old.Id}/approval", new ApprovePlanRequest(old.Hash, "too late"), Token);
        Assert.Equal(System.Net.HttpStatusCode.Conflict, refused.StatusCode);
    }

    /// <summary>The process dies when its decision is stored and its yes is not: the yes is refused by the database until then.</summary>
    [Fact]
    public async Task A_process_that_dies_between_its_decision_and_its_yes_acts_exactly_once()
    {
        await using var world = new SharedWorld(Spec);
        Guid id;
        await using (var first = await HealingHost.StartAsync(Storage, world))
        {
            await first.AddClusterAsync();
            await Storage.ExecuteAsync(
                """
                CREATE FUNCTION refuse_yes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the process is dead by now'; END $$;
                CREATE TRIGGER refuse_yes BEFORE UPDATE ON plans FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION refuse_yes();
                """, Token);
            await first.SetAsync("heal", 0);
            await world.KillAsync(3);
            id = (await first.AnomalyAsync(3)).Id;
            await first.UntilAsync<Page<HealingDecisionDto>>($"{Healing}/decisions?anomaly={id}", page => page.Items.Any(decision => decision is { Outcome: "started", PlanId: not null }));
        }

        Assert.Equal("proposed", await Storage.ScalarAsync<string>("SELECT string_agg(state, ',') FROM plans", Token));
        await Storage.ExecuteAsync("DROP TRIGGER refuse_yes ON plans", Token);
        await using var second = await HealingHost.StartAsync(Storage, world);

        var healed = await second.HealedAsync(id, world);

        Assert.Equal("done", Assert.Single(healed.Plans).State);
        Assert.Equal(1, await Storage.ScalarAsync<long>("SELECT count(*) FROM executions", Token));
        Assert.Equal(1, await Storage.ScalarAsync<long>("SELECT count(DISTINCT plan) FROM healing_decisions WHERE outcome = 'started'", Token));
        Assert.Equal(0, await StillOnAsync(world, 3));
    }

    [Fact]
    public async Task Decisions_are_written_by_the_owner_only_and_never_changed()
    {
        await using var world = new SharedWorld(Spec);
        await using var host = await HealingHost.StartAsync(Storage, world);
        await host.AddClusterAsync();
        await world.KillAsync(3);
        var id = (await host.AnomalyAsync(3)).Id;
        await host.HealingAsync(id, "observing");

        var foreign = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => Storage.ExecuteAsync(
            $"INSERT INTO healing_decisions (cluster, at, anomaly, kind, subject, outcome, status, sentence, guards) VALUES ('sim', now(), '{id}', 'k', 's', 'started', 'ok', 's', '[]')", Token));
        var changed = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => Storage.ExecuteAsync("UPDATE healing_decisions SET outcome = 'ended'", Token));

        Assert.Equal(("KC003", "KC002"), (foreign.SqlState, changed.SqlState));
    }

    private static async Task<int> StillOnAsync(SharedWorld world, int broker)
    {
        var topology = (await world.Kafka.FetchTopologyAsync(Token)).Value!;
        return topology.Partitions.ReplicaBroker.Count(id => id == broker);
    }

    /// <summary>Somebody else changes the order of one list that the broker is in: done at once, nothing is copied.</summary>
    private static async Task<string> ReorderAsync(SharedWorld world, int broker)
    {
        var table = (await world.Kafka.FetchTopologyAsync(Token)).Value!.Partitions;
        var partition = Enumerable.Range(0, table.PartitionCount).First(one => table.ReplicasOf(one).Contains(broker));
        var (topic, number) = (table.TopicName[table.Topic[partition]], partition - table.TopicStart[table.Topic[partition]]);
        var answers = await world.Kafka.Operations.ReassignAsync([new ReassignmentWish(0, topic, number, [.. table.ReplicasOf(partition).ToArray().Reverse()])], Token);
        Assert.Equal(AnswerKind.Accepted, answers.Single().Kind);
        return $"{topic}-{number}";
    }

    /// <summary>Somebody else moves a replica.</summary>
    private static async Task ReassignAsync(SharedWorld world, int to)
    {
        var table = (await world.Kafka.FetchTopologyAsync(Token)).Value!.Partitions;
        var partition = Enumerable.Range(0, table.PartitionCount).First(one => !table.ReplicasOf(one).Contains(to) && !table.ReplicasOf(one).Contains(3));
        var replicas = table.ReplicasOf(partition).ToArray();
        var wish = new ReassignmentWish(0, table.TopicName[table.Topic[partition]], partition - table.TopicStart[table.Topic[partition]], [.. replicas[..^1], to]);
        await world.Kafka.Operations.ReassignAsync([wish], Token);
    }
}
