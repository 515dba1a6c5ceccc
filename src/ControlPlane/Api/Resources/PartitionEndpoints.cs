using System.Globalization;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Resources;

/// <summary>Partitions by what is wrong with them, and log dirs, over a whole cluster.</summary>
internal static class PartitionEndpoints
{
    private static readonly string[] StateWords = ["offline", "under-min-isr", "under-replicated", "not-preferred", "reassigning"];

    public static void MapPartitions(this RouteGroupBuilder cluster)
    {
        cluster.MapGet("/partitions", List).OfOwner().RequireAuthorization(Policies.View).WithTags("Partitions")
            .WithQuery(
                QueryParameter.Of("state", "Only partitions in this state.", StateWords),
                QueryParameter.Text("topic", "Only partitions of this topic."),
                QueryParameter.Number("broker", "Only partitions with a replica on this broker."),
                QueryParameter.Sort(PartitionRows.Fields.Names, "topic"),
                QueryParameter.Offset,
                QueryParameter.Limit)
            .Describe<Page<PartitionDto>>("Partitions of a cluster", "By topic and number, or by state.");
        cluster.MapGet("/log-dirs", LogDirs).OfOwner().RequireAuthorization(Policies.View).WithTags("Log dirs")
            .WithQuery(QueryParameter.Sort(LogDirRows.Fields.Names, "brokerId"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<LogDirDto>>("Log dirs of all brokers", "Of those whose log dirs were read; completeness in the overview says how many are missing.");
    }

    /// <summary>One page of some partitions, which are given in the order of the table.</summary>
    public static Page<PartitionDto> Page(ClusterView view, Paging paging, int[] partitions)
    {
        var rows = view.Partitions;
        var field = PartitionRows.Fields[paging.Sort.Field];
        var order = paging.Sort.Field is "topic" && !paging.Sort.Descending
            ? null
            : field.Number is { } number
                ? SortedIndex.ByNumber(partitions.Length, row => number(rows, partitions[row]))
                : SortedIndex.ByWord(partitions.Length, row => field.Word!(rows, partitions[row]));
        var items = new List<PartitionDto>();
        for (var place = paging.Offset; place < partitions.Length && items.Count < paging.Limit; place++)
        {
            items.Add(rows.Make(partitions[order?.At(place, paging.Sort.Descending) ?? place]));
        }

        return new Page<PartitionDto>(items, partitions.Length, paging.Offset, paging.Limit, view.Sample(SampleKind.Topology)?.LastSuccess);
    }

    private static async Task<IResult> List(HttpContext http, string cluster, Pictures pictures)
    {
        var query = new QueryReader(http);
        var state = query.Word("state", StateWords);
        var topic = query.Text("topic");
        var broker = query.Number("broker", int.MinValue, int.MaxValue);
        var paging = query.Paging(PartitionRows.Fields.Names, new Sort("topic", false));
        query.ThrowIfRefused();
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        var topicIndex = topic is null ? (int?)null : view.Model.Partitions.FindTopic(topic) is var found and >= 0 ? found : throw new ProblemException(ApiProblems.UnknownTopic(view.Model.Id, topic));
        var brokerIndex = broker is null ? (int?)null : view.Model.FindBroker((int)broker) is var at and >= 0 ? at : throw new ProblemException(ApiProblems.UnknownBroker(view.Model.Id, broker.Value.ToString(CultureInfo.InvariantCulture)));
        if (state == "reassigning" && view.Model.Reassigning is null)
        {
            return ApiProblems.NotRead(view.Model.Id, "The running reassignments", view.Sample(SampleKind.Reassignments)).ToResult(http);
        }

        return Answer.OfModel(http, view.Model, () => Page(view, paging, Select(view, Flag(state), topicIndex, brokerIndex)));
    }

    private static async Task<IResult> LogDirs(HttpContext http, string cluster, Pictures pictures)
    {
        var query = new QueryReader(http);
        var paging = query.Paging(LogDirRows.Fields.Names, new Sort("brokerId", false));
        query.ThrowIfRefused();
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        if (!view.LogDirs.AreKnown)
        {
            return ApiProblems.NotRead(view.Model.Id, "The log dirs", view.Sample(SampleKind.LogDirs)).ToResult(http);
        }

        return Answer.OfModel(http, view.Model, () =>
        {
            var (items, total) = view.LogDirs.Sorted.Page(paging, null, row => view.LogDirs.All[row]);
            return new Page<LogDirDto>(items, total, paging.Offset, paging.Limit, view.Sample(SampleKind.LogDirs)?.LastSuccess);
        });
    }

    private static int[] Select(ClusterView view, PartitionStates state, int? topic, int? broker)
    {
        var table = view.Model.Partitions;
        var (start, end) = topic is { } one ? (table.TopicStart[one], table.TopicStart[one + 1]) : (0, table.PartitionCount);
        if (state == PartitionStates.None && broker is null)
        {
            return [.. Enumerable.Range(start, end - start)];
        }

        var found = new List<int>();
        for (var partition = start; partition < end; partition++)
        {
            if ((view.Partitions.States[partition] & state) == state && (broker is null || table.ReplicasOf(partition).Contains(broker.Value)))
            {
                found.Add(partition);
            }
        }

        return [.. found];
    }

    private static PartitionStates Flag(string? state) => state switch
    {
        "offline" => PartitionStates.Offline,
        "under-min-isr" => PartitionStates.UnderMinInSync,
        "under-replicated" => PartitionStates.UnderReplicated,
        "not-preferred" => PartitionStates.NotPreferred,
        "reassigning" => PartitionStates.Reassigning,
        _ => PartitionStates.None,
    };
}
