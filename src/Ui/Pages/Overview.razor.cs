using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Format;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Pages;

/// <summary>One cluster at a glance: the verdict, the numbers it rests on, what is wrong now, and the brokers by trouble.</summary>
public sealed partial class Overview
{
    private LoadState<ClusterOverviewDto> _overview = new();
    private LoadState<HistoryDto> _history = new();
    private LoadState<HistoryDto> _yesterday = new();
    private LoadState<Page<AnomalyDto>> _anomalies = new();
    private LoadState<Page<ExecutionDto>> _executions = new();

    [Inject] private NotificationService Notices { get; set; } = null!;

    /// <summary>Nothing is known to be wrong or on the move.</summary>
    private bool IsQuiet => _anomalies.Value?.Items.Any(one => one.ResolvedAt is null) != true && _executions.Value?.Items.Any(Progress.IsOpen) != true;

    protected override void Reset() => (_overview, _history, _yesterday, _anomalies, _executions) = (new(), new(), new(), new(), new());

    protected override async Task LoadAsync(CancellationToken visit)
    {
        var (from, to) = Frame.Range.At(Frame.Now);
        var history = FetchAsync("history", _history, token => Api.GetHistoryAsync(Cluster, new(["bytes_in", "bytes_out", "replication_bytes_in", "offline_partitions", "under_min_isr", "under_replicated", "disk_used_ratio", "lag"], [""], from, to), token), visit);
        var overview = FetchAsync("overview", _overview, token => Api.GetOverviewAsync(Cluster, token), visit);
        var yesterday = YesterdayAsync(_yesterday, ["bytes_in", "bytes_out", "disk_used_ratio", "lag"], "", visit);
        var anomalies = FetchAsync("anomalies", _anomalies, token => Api.GetAnomaliesAsync(Cluster, new(Limit: 20), token), visit);
        var executions = FetchAsync("executions", _executions, token => Api.GetExecutionsAsync(Cluster, new(Limit: 10), token), visit);
        (_overview, _history, _yesterday, _anomalies, _executions) = (await overview, await history, await yesterday, await anomalies, await executions);
    }

    internal static StatusWord DiskStatus(double? ratio) => ratio switch { >= 0.9 => StatusWord.Crit, >= 0.8 => StatusWord.Warn, _ => StatusWord.Ok };

    private async Task SampleNowAsync()
    {
        try
        {
            await Api.RefreshClusterAsync(Cluster, CancellationToken.None);
        }
        catch (ApiProblemException exception)
        {
            Notices.Notify(NotificationSeverity.Error, "No sample was taken", exception.Problem.Sentence);
        }
    }

    private string PartitionLink(string state) => Frame.Link(["c", Cluster, "partitions"], ("state", state));

    private IReadOnlyList<double?>? ValuesOf(string metric) => Course.Of(_history.Value, metric);

    private double? BeforeOf(string metric) => Course.Mean(_yesterday.Value, metric);

    // As loud as the verdict above it: a broker that nobody misses yet is no alarm.
    private static StatusWord BrokerStatus(ClusterSummaryDto summary) => summary.BrokersUp < summary.Brokers ? summary.Status == StatusWord.Crit ? StatusWord.Crit : StatusWord.Warn : StatusWord.Ok;

    private static string ControllerNote(ControllerDto controller, string? release) => (release is null ? "" : $"Kafka {release}, ") + (controller.ActiveId is { } active ? $"{ModeWord(controller.Mode)}controller {active}" : "no active controller known");

    private static string ModeWord(string? mode) => mode switch { null => "", "kraft" => "KRaft ", "zookeeper" => "ZooKeeper ", _ => $"{mode} " };

    private static string? StaleReason(ClusterOverviewDto overview)
    {
        var stale = overview.Freshness.FirstOrDefault(one => one.IsStale);
        return stale is null ? null : stale.Failures.Count > 0 ? $"{stale.Kind}: {stale.Failures[0].Message}" : $"{stale.Kind} overdue";
    }

    private static string CoverageOf(ClusterOverviewDto overview) =>
        $"The numbers cover {Show.Percent(overview.Completeness.Brokers)} of the brokers and {Show.Percent(overview.Completeness.Partitions)} of the partitions.";

    private static IReadOnlyList<FailureDto> Failures(ClusterOverviewDto overview) => [.. overview.Freshness.SelectMany(one => one.Failures).DistinctBy(failure => (failure.BrokerId, failure.Message))];
}
