using ControlPlane.Engine.Analyzer;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Storage;

public sealed class PlanStoreTests(StorageServer server) : StorageTests(server)
{
    private ClusterLease _lease = null!;

    private PlanStore Plans => Storage.Get<PlanStore>();

    [Fact]
    public async Task Retention_removes_plans_that_were_never_carried_out_after_30_days()
    {
        var old = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var state in Enum.GetValues<PlanState>())
        {
            foreach (var days in new[] { 29, 31 })
            {
                if (state == PlanState.Executing || (state == PlanState.Approved && days == 29))
                {
                    continue; // one at a time is approved or runs
                }

                var plan = await SaveAsync();
                old[$"{state} {days}"] = plan;
                await AgeAsync(plan, state, days);
            }
        }

        Assert.Equal(3, (await Storage.Get<Retention>().RunAsync(Token)).Plans);

        foreach (var (name, plan) in old)
        {
            var isGone = name is "Proposed 31" or "Discarded 31" or "Stale 31";
            Assert.True(isGone == (await Plans.FindAsync(_lease.Cluster, plan, Token) is null), name);
        }

        await Storage.Get<ClusterStore>().RemoveAsync(_lease.Cluster, Token);
        Assert.Equal(0, await Storage.ScalarAsync<long>("SELECT count(*) FROM plans", Token));
    }

    [Fact]
    public async Task A_plan_comes_back_as_it_was_saved_and_of_two_decisions_one_counts()
    {
        var id = await SaveAsync();
        var loaded = await Plans.LoadAsync(_lease.Cluster, id, Token);
        Assert.Equal(PlanHash.Of(Plan(id)), PlanHash.Of(loaded!));

        var changes = await Task.WhenAll(Enumerable.Range(0, 4).Select(turn =>
            Plans.DecideAsync(_lease, id, turn % 2 == 0 ? PlanState.Approved : PlanState.Discarded, new PlanDecision($"user {turn}", null, null), Token)));

        var winner = Assert.Single(changes.OfType<PlanChange.Changed>()).Plan;
        Assert.Equal(3, changes.OfType<PlanChange.NotPossible>().Count(other => other.Plan.DecidedBy == winner.DecidedBy));
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var cluster = await Storage.AddClusterAsync("orders", Token);
        _lease = (await Storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token))!;
    }

    private async Task<Guid> SaveAsync() => (await Plans.SaveAsync(_lease, Plan(Guid.NewGuid()), "anna", null, Token)).Id;

    private Task AgeAsync(Guid plan, PlanState state, int days) => Storage.Get<EpochGuard>().WriteAsync(_lease, "age a plan", async (write, token) =>
    {
        await using var command = write.Connection.Command(
            "UPDATE plans SET state = $2, made_at = now() - make_interval(days => $3) WHERE id = $1", plan, state.ToString().ToLowerInvariant(), days);
        return await command.ExecuteNonQueryAsync(token);
    }, Token);

    private RebalancePlan Plan(Guid id) => new(id, _lease.Cluster, PlanMode.FixOffline, new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero), 7)
    {
        KafkaClusterId = "kafka",
        LostBrokers = [3],
        Moves = [new PlannedMove("orders", Guid.Empty, 0, [3, 1], [1, 2], 1000, MoveClass.Offline, "It is lost.")],
        Verdict = new PlanVerdict(true, []),
    };
}
