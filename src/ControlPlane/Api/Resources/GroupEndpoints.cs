using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;

namespace ControlPlane.Api.Resources;

/// <summary>Consumer groups with plain lag.</summary>
internal static class GroupEndpoints
{
    public static void MapGroups(this RouteGroupBuilder cluster)
    {
        var groups = cluster.MapGroup("/groups").WithTags("Groups");
        groups.MapGet("", List).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(
                QueryParameter.Search,
                QueryParameter.Text("state", "Only groups in this state, as Kafka spells it: Stable, Empty, Dead, PreparingRebalance, ..."),
                QueryParameter.Text("topic", "Only groups that committed on this topic."),
                QueryParameter.Of("status", "Only groups judged so.", ["ok", "warn", "err"]),
                QueryParameter.Flag("withLag", "Only groups that are behind, or only those that are not. A group whose lag is unknown is in neither."),
                QueryParameter.Sort(GroupRows.Fields.Names, "-lag"),
                QueryParameter.Offset,
                QueryParameter.Limit)
            .Describe<Page<GroupDto>>("Groups of a cluster", "Lag is log end offset less committed offset, summed where both are known.");
        groups.MapGet("/{group}", Detail).OfOwner().RequireAuthorization(Policies.View)
            .Describe<GroupDetailDto>("One group", "With its members and the lag of each partition. A slash in the name is written %2F.");
    }

    private static async Task<IResult> List(HttpContext http, string cluster, Pictures pictures, LagDesk lag)
    {
        var query = new QueryReader(http);
        var search = query.Text("search");
        var state = query.Text("state");
        var withLag = query.Flag("withLag");
        var (topic, status) = (query.Text("topic"), query.Word("status", "ok", "warn", "err"));
        var paging = query.Paging(GroupRows.Fields.Names, new Sort("lag", true));
        query.ThrowIfRefused();
        var (view, rows) = await RequireGroupsAsync(http, cluster, pictures);
        return Answer.OfModel(http, view.Model, () =>
        {
            Func<int, bool>? filter = (search ?? state ?? topic ?? status) is null && withLag is null ? null : row =>
                (status is null || string.Equals(rows.All[row].Judgement?.Word, status, StringComparison.OrdinalIgnoreCase))
                && (topic is null || rows.Reads(row, topic))
                && (state is null || string.Equals(rows.All[row].State, state, StringComparison.OrdinalIgnoreCase))
                && (withLag is null || (rows.All[row].Lag is { } behind && behind > 0 == withLag))
                && (search is null || rows.All[row].Id.Contains(search, StringComparison.OrdinalIgnoreCase));
            var (items, total) = rows.Sorted.Page(paging, filter, row => rows.All[row]);
            var notice = lag.FeedOf(view.Model.Id) is { Word: "fallback" } feed ? feed.Sentence : null;
            return new Page<GroupDto>(items, total, paging.Offset, paging.Limit, view.Sample(SampleKind.Groups)?.LastSuccess, notice);
        });
    }

    private static async Task<IResult> Detail(HttpContext http, string cluster, string group, Pictures pictures, LagDesk lag)
    {
        new QueryReader(http).ThrowIfRefused();
        var (view, rows) = await RequireGroupsAsync(http, cluster, pictures);
        var index = rows.Find(RawPath.Segment(http, 5, group)); // /api/v1/clusters/{cluster}/groups/{group}
        if (index < 0)
        {
            index = rows.Find(group.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)); // a page hands on what routing left of its own address
        }

        if (index < 0)
        {
            return ApiProblems.UnknownGroup(view.Model.Id, group).ToResult(http);
        }

        var judged = await lag.ExplainAsync(view.Model.Id, rows.Groups[index], http.RequestAborted);
        var feed = lag.FeedOf(view.Model.Id) is { } word ? new LagFeedDto(word.Word, word.Sentence, lag.ClocksOf(view.Model.Id)?.Sentence) : null;
        return Answer.OfModel(http, view.Model, () => GroupDetails.Of(view.Model, rows.Groups[index], rows.All[index], judged) with { Feed = feed });
    }

    private static async ValueTask<(ClusterView View, GroupRows Rows)> RequireGroupsAsync(HttpContext http, string cluster, Pictures pictures)
    {
        var view = await pictures.RequireAsync(cluster, http.RequestAborted);
        return view.Groups is { } rows
            ? (view, rows)
            : throw new ProblemException(ApiProblems.NotRead(view.Model.Id, "The consumer groups", view.Sample(SampleKind.Groups)));
    }
}
