using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace ControlPlane.Host.Tests.Execution;

/// <summary>One process of the product as far as executions go: owns the cluster under an epoch of its own until it is killed.</summary>
internal sealed class Mover : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly OwnedCluster _cluster;
    private readonly TestStorage _storage;

    private Mover(OwnedCluster cluster, TestStorage storage, ExecutionDesk desk) => (_cluster, _storage, Desk) = (cluster, storage, desk);

    public static ExecutionOptions Quick => new()
    {
        Look = TimeSpan.FromMilliseconds(50),
        Sizes = TimeSpan.FromMilliseconds(100),
        Idle = TimeSpan.FromMilliseconds(50),
        Janitor = TimeSpan.FromMilliseconds(100),
        RequestTimeout = TimeSpan.FromMilliseconds(900),
        Settle = TimeSpan.FromSeconds(1),
        Patience = TimeSpan.FromSeconds(3),
    };

    public ExecutionDesk Desk { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ExecutionStore Store => _storage.Get<ExecutionStore>();

    public static async Task<Mover> StartAsync(TestStorage storage, ClusterId cluster, IKafkaCluster kafka, ExecutionOptions? options = null, TimeSpan? leaseLeft = null)
    {
        var lease = await storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token) ?? throw new InvalidOperationException("The cluster has an owner.");
        var (changes, desk) = (new ChangeHub(), new ExecutionDesk(TimeProvider.System));
        var process = new ProcessIdentity();
        var parts = new ExecutionParts(
            storage.Get<ExecutionStore>(), new ApprovedPlans(storage.Get<PlanStore>()), changes, process, Options.Create(options ?? Quick), TimeProvider.System);
        var runner = new ReassignmentRunner(parts, desk, new PlanApprovals(), NullLogger<ReassignmentRunner>.Instance);
        var services = new ClusterServices([runner], changes, new EventLog(process, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var stored = await storage.Get<ClusterStore>().FindAsync(cluster, Token);
        var owned = new OwnedCluster(stored!, lease with { LocalDeadline = leaseLeft is { } left ? Stopwatch.GetTimestamp() + (long)(left.TotalSeconds * Stopwatch.Frequency) : long.MaxValue / 2 }, new BorrowedCluster(kafka), services);
        owned.Start();
        return new Mover(owned, storage, desk);
    }

    public static async Task<Guid> ApproveAsync(TestStorage storage, ClusterId cluster, ExecutionLimits limits, params PlannedMove[] moves)
    {
        var process = Guid.NewGuid();
        var lease = (await storage.Get<OwnershipStore>().TryClaimAsync(cluster, process, Token))!;
        var plan = new RebalancePlan(Guid.NewGuid(), cluster, PlanMode.FixOffline, TimeProvider.System.GetUtcNow(), 1)
        {
            Moves = [.. moves],
            Limits = limits,
            Verdict = new PlanVerdict(true, []),
        };
        await storage.Get<PlanStore>().SaveAsync(lease, plan, "ada", null, Token);
        Assert.IsType<PlanChange.Changed>(await storage.Get<PlanStore>().DecideAsync(lease, plan.Id, PlanState.Approved, new PlanDecision("ada", null, null), Token));
        await storage.Get<OwnershipStore>().ReleaseAsync(lease, Token);
        return plan.Id;
    }

    /// <param name="execution">Null: the one under way, or the newest.</param>
    public async Task<ExecutionHistory> UntilAsync(Func<ExecutionHistory, bool> condition, Guid? execution = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (true)
        {
            var (executions, _) = await Store.ListAsync(_cluster.Id, 0, 1, Token);
            if (executions.Count > 0 && await Store.LoadAsync(_cluster.Id, execution ?? executions[0].Id, Token) is { } history)
            {
                if (condition(history))
                {
                    return history;
                }

                Assert.False(limit.IsCancellationRequested, $"Not within {Patience}: {string.Join("\n", history.Journal.Select(entry => JournalWords.Describe(entry.Event, history.State.Moves).Sentence))}");
            }

            Assert.False(limit.IsCancellationRequested, $"No execution within {Patience}.");
            await Task.Delay(10, Token);
        }
    }

    /// <summary>Ends all its work in the middle, as a killed process would, and leaves the lease to be claimed anew.</summary>
    public async Task KillAsync()
    {
        _cluster.Stop();
        await _cluster.DisposeAsync();
        await _storage.Get<OwnershipStore>().ReleaseAsync(_cluster.Lease, Token);
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();
}
