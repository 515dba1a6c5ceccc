using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Resources;

/// <summary>Topics with their partitions, readers and configs.</summary>
internal static class TopicEndpoints
{
    private static readonly TimeSpan ConfigPatience = TimeSpan.FromSeconds(8);

    public static void MapTopics(this RouteGroupBuilder cluster)
    {
        var topics = cluster.MapGroup("/topics").WithTags("Topics");
        topics.MapGet("", List).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(
                QueryParameter.Search,
                QueryParameter.Flag("internal", "Only Kafka's own topics, or none of them. Both where it is left out."),
                QueryParameter.Of("status", "Only topics with this status.", "OK", "WARN", "CRIT"),
                QueryParameter.Sort(TopicRows.Fields.Names, "name"),
                QueryParameter.Offset,
                QueryParameter.Limit)
            .Describe<Page<TopicDto>>("Topics of a cluster", "Sums over the partitions of each topic. A sum of which a part is unknown is null.");
        topics.MapGet("/{topic}", Detail).OfOwner().RequireAuthorization(Policies.View)
            .Describe<TopicDetailDto>("One topic", "With the groups that read it, those furthest behind first, and what is wrong with it.");
        topics.MapGet("/{topic}/partitions", Partitions).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Sort(PartitionRows.Fields.Names, "partition"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<PartitionDto>>("Partitions of a topic", "Each with its replicas.");
        topics.MapGet("/{topic}/configs", Configs).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Search, QueryParameter.Of("only", "Only entries that are set somewhere.", "overrides"), QueryParameter.Sort(ConfigRows.SortNames, "name"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<ConfigEntryDto>>("Configs of a topic", "All entries with their source, read from the cluster at this moment.");
    }

    private static async Task<IResult> List(HttpContext http, string cluster, Pictures pictures)
    {
        var query = new QueryReader(http);
        var search = query.Text("search");
        var isInternal = query.Flag("internal");
        var status = Word(query.Word("status", "OK", "WARN", "CRIT"));
        var paging = query.Paging(TopicRows.Fields.Names, new Sort("name", false));
        query.ThrowIfRefused();
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        return Answer.OfModel(http, view.Model, () =>
        {
            var (rows, table) = (view.Topics, view.Model.Partitions);
            Func<int, bool>? filter = search is null && isInternal is null && status is null ? null : row =>
                (isInternal is null || table.TopicInternal[row] == isInternal)
                && (status is null || rows.StatusOf(row) == status)
                && (search is null || table.TopicName[row].Contains(search, StringComparison.OrdinalIgnoreCase));
            var (items, total) = rows.Sorted.Page(paging, filter, rows.Make);
            return new Page<TopicDto>(items, total, paging.Offset, paging.Limit, view.Sample(SampleKind.Topology)?.LastSuccess);
        });
    }

    private static async Task<IResult> Detail(HttpContext http, string cluster, string topic, Pictures pictures)
    {
        new QueryReader(http).ThrowIfRefused();
        var (view, index) = await RequireTopicAsync(http, cluster, topic, pictures);
        return Answer.OfModel(http, view.Model, () =>
        {
            var row = view.Topics.Make(index);
            return new TopicDetailDto(row, TopicWords.Sentence(row), TopicWords.Findings(view, index, row), view.Groups?.ReadersOfTopic(index), Brokers(view.Model, index));
        });
    }

    private static async Task<IResult> Partitions(HttpContext http, string cluster, string topic, Pictures pictures)
    {
        var query = new QueryReader(http);
        var paging = query.Paging(PartitionRows.Fields.Names, new Sort("partition", false));
        query.ThrowIfRefused();
        var (view, index) = await RequireTopicAsync(http, cluster, topic, pictures);
        return Answer.OfModel(http, view.Model, () =>
        {
            var start = view.Model.Partitions.TopicStart[index];
            return PartitionEndpoints.Page(view, paging, [.. Enumerable.Range(start, view.Model.Partitions.PartitionsOf(index))]);
        });
    }

    /// <summary>Not part of the picture: reading all configs of all topics would cost the cluster more than anybody looks at.</summary>
    private static async Task<IResult> Configs(HttpContext http, string cluster, string topic, Pictures pictures, TimeProvider time)
    {
        var query = new QueryReader(http);
        var search = query.Text("search");
        var only = query.Word("only", "overrides");
        var paging = query.Paging(ConfigRows.SortNames, new Sort("name", false));
        query.ThrowIfRefused();
        var (view, index) = await RequireTopicAsync(http, cluster, topic, pictures);
        var id = view.Model.Id;
        if (pictures.Views.FindKafka(id) is not { } kafka)
        {
            return ApiProblems.NoOwner(id).ToResult(http);
        }

        using var patience = new CancellationTokenSource(ConfigPatience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, patience.Token);
        try
        {
            var name = view.Model.Partitions.TopicName[index];
            var sample = await kafka.FetchTopicConfigAsync(name, limit.Token);
            return sample.Value is { } entries
                ? Answer.Of(http, ConfigRows.Page([.. entries.Select(ConfigRows.Of)], paging, search, only, sample.At))
                : ApiProblems.NotRead(id, $"The configs of topic '{name}'", new SampleStatus(SampleKind.TopicConfigs, TimeSpan.Zero, sample.At, null, sample.Took, sample.Failures)).ToResult(http);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return (ApiProblems.NotRead(id, $"The configs of topic '{topic}'", null) with { Status = 504, Detail = $"Cluster '{id}' did not answer within {ConfigPatience.TotalSeconds:0} s." }).ToResult(http);
        }
    }

    private static async ValueTask<(ClusterView View, int Topic)> RequireTopicAsync(HttpContext http, string cluster, string topic, Pictures pictures)
    {
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        var index = view.Model.Partitions.FindTopic(topic);
        return index >= 0 ? (view, index) : throw new ProblemException(ApiProblems.UnknownTopic(view.Model.Id, topic));
    }

    private static int[] Brokers(ClusterModel model, int topic)
    {
        var table = model.Partitions;
        var slots = table.ReplicaBroker.AsSpan(table.ReplicaStart[table.TopicStart[topic]]..table.ReplicaStart[table.TopicStart[topic + 1]]);
        var ids = new SortedSet<int>();
        foreach (var broker in slots)
        {
            ids.Add(model.Brokers[broker].Id);
        }

        return [.. ids];
    }

    private static StatusWord? Word(string? word) => word switch
    {
        "OK" => StatusWord.Ok,
        "WARN" => StatusWord.Warn,
        "CRIT" => StatusWord.Crit,
        _ => null,
    };
}
