using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using Microsoft.AspNetCore.Components;

namespace ControlPlane.Ui.Pages;

/// <summary>One broker: its load over time, log dirs, the replicas it hosts, and where its configs differ.</summary>
public sealed partial class BrokerPage
{
    private static readonly (string Name, string Word)[] Tabs = [("log-dirs", "Log dirs"), ("partitions", "Hosted partitions"), ("configs", "Configs")];

    private TabBar? _tabs;
    private LoadState<BrokerDetailDto> _detail = new();
    private LoadState<HistoryDto> _history = new();
    private LoadState<HistoryDto> _yesterday = new();
    private LoadState<Page<HostedReplicaDto>> _replicas = new();
    private LoadState<Page<ConfigEntryDto>> _configs = new();

    [Parameter] public int Id { get; set; }

    private string? Tab => Frame.Get("tab");

    private bool ShowsAll => Frame.Get("only") == "overrides";

    protected override void Reset() => (_detail, _history, _yesterday, _replicas, _configs) = (new(), new(), new(), new(), new());

    protected override async Task LoadAsync(CancellationToken visit)
    {
        var (from, to) = Frame.Range.At(Frame.Now);
        var detail = FetchAsync("broker", _detail, token => Api.GetBrokerAsync(Cluster, Id, token), visit);
        var history = FetchAsync("history", _history, token => Api.GetHistoryAsync(Cluster, new(["bytes_in", "bytes_out", "replication_bytes_in", "disk_used_bytes"], [$"broker:{Id}"], from, to), token), visit);
        var yesterday = YesterdayAsync(_yesterday, ["bytes_in", "bytes_out", "disk_used_bytes"], $"broker:{Id}", visit);
        if (Tab == "partitions")
        {
            var query = DataTable<HostedReplicaDto>.QueryOf(Frame);
            _replicas = await FetchAsync("replicas", _replicas, token => Api.GetHostedReplicasAsync(Cluster, Id, query, token), visit);
        }
        else if (Tab == "configs" && !(IsLoadOnly && _configs.Value is not null))
        {
            var query = new ListQuery(Limit: ListQuery.Largest, Filters: new Dictionary<string, string?> { ["only"] = ShowsAll ? "overrides" : "differences" });
            _configs = await FetchAsync($"configs{query}", _configs, token => Api.GetBrokerConfigsAsync(Cluster, Id, query, token), visit);
        }

        (_detail, _history, _yesterday) = (await detail, await history, await yesterday);
    }
}
