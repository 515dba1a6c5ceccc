using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;
using Microsoft.AspNetCore.Components;

namespace ControlPlane.Ui.Pages;

/// <summary>One topic: its traffic, partitions, where the replicas are, configs with their source, and who reads it.</summary>
public sealed partial class TopicPage
{
    private static readonly (string Name, string Word)[] Tabs = [("partitions", "Partitions"), ("map", "Replica map"), ("configs", "Configs"), ("groups", "Groups")];

    private LoadState<TopicDetailDto> _detail = new();
    private LoadState<HistoryDto> _history = new();
    private LoadState<HistoryDto> _yesterday = new();
    private LoadState<Page<PartitionDto>> _partitions = new();
    private LoadState<Page<ConfigEntryDto>> _configs = new();

    [Parameter] public string Topic { get; set; } = "";

    private string? Tab => Frame.Get("tab");

    protected override void Reset() => (_detail, _history, _yesterday, _partitions, _configs) = (new(), new(), new(), new(), new());

    protected override async Task LoadAsync(CancellationToken visit)
    {
        var (from, to) = Frame.Range.At(Frame.Now);
        var detail = FetchAsync("topic", _detail, token => Api.GetTopicAsync(Cluster, Topic, token), visit);
        var history = FetchAsync("history", _history, token => Api.GetHistoryAsync(Cluster, new(["bytes_in", "bytes_out", "messages_in"], [$"topic:{Topic}"], from, to), token), visit);
        var yesterday = YesterdayAsync(_yesterday, ["bytes_in", "bytes_out"], $"topic:{Topic}", visit);
        if (Tab == "configs" && !(IsLoadOnly && _configs.Value is not null))
        {
            _configs = await FetchAsync("configs", _configs, token => Api.GetTopicConfigsAsync(Cluster, Topic, token), visit);
        }
        else if (Tab is null or "map" or "partitions")
        {
            var query = Tab == "map" ? new ListQuery(Limit: ListQuery.Largest) : DataTable<PartitionDto>.QueryOf(Frame);
            query = Numbers is null ? query : query with { Limit = ListQuery.Largest };
            _partitions = await FetchAsync($"partitions{query}", _partitions, token => Api.GetTopicPartitionsAsync(Cluster, Topic, query, token), visit);
        }

        (_detail, _history, _yesterday) = (await detail, await history, await yesterday);
    }

    /// <summary>Partitions that were selected on the map; null: all.</summary>
    private HashSet<string>? Numbers => Tab is null or "partitions" && Frame.Get("numbers") is { Length: > 0 } numbers ? [.. numbers.Split(',')] : null;

    private Page<PartitionDto> Chosen(Page<PartitionDto> page)
    {
        if (Numbers is not { } numbers)
        {
            return page;
        }

        IReadOnlyList<PartitionDto> items = [.. page.Items.Where(row => numbers.Contains(Show.Raw((long?)row.Partition)!))];
        return page with { Items = items, Total = items.Count };
    }

    private string State(string state) => Frame.Link(["c", Cluster, "partitions"], ("state", state), ("topic", Topic));
}
