using System.Collections.Immutable;
using ControlPlane.Alerts;
using ControlPlane.Clusters;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Alerts;

/// <summary>One cluster that the test owns, and the product's own outbox on a test database.</summary>
internal sealed class AlertWorld(TestStorage storage, ClusterLease lease)
{
    private static readonly DateTimeOffset Since = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly AlertOutbox _outbox = new(
        new AlertWake(new ChangeHub(), TimeProvider.System), new ProcessIdentity(), Options.Create(new AlertsOptions { PublicUrl = "https://kafka.example.com" }));

    public ClusterLease Lease => lease;

    public static async Task<AlertWorld> CreateAsync(TestStorage storage, CancellationToken cancellationToken)
    {
        var cluster = await storage.AddClusterAsync("prod", cancellationToken);
        return new AlertWorld(storage, (await storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), cancellationToken))!);
    }

    public static Anomaly Active(ClusterId cluster, string subject, Severity severity = Severity.Error) => new(
        Guid.NewGuid(),
        cluster,
        AnomalyState.Active,
        new Detection(new AnomalyKey("broker-down", subject), severity, $"{subject} is down.", Since) { Evidence = [new Evidence("last answer", "none", Since)] },
        Since,
        Since,
        Since.AddSeconds(30),
        null,
        BlastRadius.Unknown);

    public Anomaly Active(string subject, Severity severity = Severity.Error) => Active(lease.Cluster, subject, severity);

    public async Task<Guid> TargetAsync(
        string url, AlertTargetKind kind = AlertTargetKind.Webhook, string? secret = null, Severity from = Severity.Info, string[]? clusters = null, bool isEnabled = true)
    {
        var rules = new AlertTarget(Guid.NewGuid(), kind, isEnabled, from, clusters?.ToImmutableArray());
        Assert.IsType<AlertTargetChange.Saved>(await storage.Get<AlertTargetStore>().AddAsync(new AlertTargetDefinition(rules, $"target {rules.Id:N}", url), secret, TestContext.Current.CancellationToken));
        return rules.Id;
    }

    public Task TriggerAsync(params IEnumerable<Anomaly> anomalies) => WriteAsync([.. anomalies.Select(anomaly => new AnomalyTransition(anomaly, AnomalyState.Pending))]);

    public Task ResolveAsync(params IEnumerable<Anomaly> anomalies) =>
        WriteAsync([.. anomalies.Select(anomaly => new AnomalyTransition(anomaly with { State = AnomalyState.Resolved, ResolvedAt = Since.AddMinutes(5) }, AnomalyState.Active))]);

    public async Task WriteAsync(IReadOnlyList<AnomalyTransition> transitions)
    {
        await storage.Get<EpochGuard>().WriteAsync(lease, "store anomalies", async (write, token) =>
        {
            await AnomalyStore.SaveAsync(write, transitions, token);
            await _outbox.WriteAsync(write, transitions, token); // also those that were stored before
            return true;
        }, TestContext.Current.CancellationToken);
        _outbox.Committed();
    }
}
