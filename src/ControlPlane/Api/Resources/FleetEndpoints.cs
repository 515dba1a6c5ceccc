using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Forwarding;
using ControlPlane.Api.Live;
using ControlPlane.Api.Views;
using ControlPlane.Clusters;
using ControlPlane.Contracts;

namespace ControlPlane.Api.Resources;

/// <summary>All clusters at once: their list, their live stream, and what peers ask for to answer the same.</summary>
internal static class FleetEndpoints
{
    public static void MapFleet(this RouteGroupBuilder api)
    {
        api.MapGet("/clusters", List).RequireAuthorization(Policies.View).WithTags("Clusters")
            .WithQuery(QueryParameter.Search, QueryParameter.Sort(FleetRows.Fields.Names, "status, worst first"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<ClusterSummaryDto>>("Clusters of the fleet", "Also those that other processes own. One whose owner does not answer is UNKNOWN, and its sentence says why. search looks at id, name and labels.");
        api.MapGet("/live", Live).RequireAuthorization(Policies.View).WithTags("Live")
            .Describe<LiveEventDto>("Changes of all clusters", "Server-sent events, at most four batches a second. Kind fleet: added, removed or moved; state: fetch anew what you show; load: new numbers.", contentType: "text/event-stream");
        api.MapGet("/clusters/{cluster}/live", LiveOf).RequireAuthorization(Policies.View).WithTags("Live")
            .Describe<LiveEventDto>("Changes of a cluster", "As GET live, for one cluster.", contentType: "text/event-stream");
        api.MapGet("/internal/summaries", Own).RequireAuthorization(Policies.Peer).ExcludeFromDescription();
        api.MapGet("/internal/live", OwnLive).RequireAuthorization(Policies.Peer).ExcludeFromDescription();
    }

    private static async Task<IResult> List(HttpContext http, Fleet fleet)
    {
        var query = new QueryReader(http);
        var search = query.Text("search");
        var paging = query.Paging(FleetRows.Fields.Names, new Sort("status", false));
        query.ThrowIfRefused();
        var rows = new FleetRows(await fleet.ReadAsync(http.RequestAborted));
        var (items, total) = rows.Page(paging, search);
        return Answer.Of(http, new Page<ClusterSummaryDto>(items, total, paging.Offset, paging.Limit, null));
    }

    private static Task Live(HttpContext http, LiveStream live) => live.ServeAsync(http, null, withPeers: true);

    private static async Task LiveOf(HttpContext http, string cluster, LiveStream live, Pictures pictures) =>
        await live.ServeAsync(http, (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id, withPeers: true);

    private static Task OwnLive(HttpContext http, LiveStream live) => live.ServeAsync(http, null, withPeers: false);

    private static async Task<IResult> Own(HttpContext http, Fleet fleet) => Answer.Once(await fleet.ReadOwnAsync(http.RequestAborted));
}

/// <summary>Puts the rows of this process and of all others together.</summary>
internal sealed class Fleet(Pictures pictures, FleetDirectory directory, PeerSummaries peers, ProcessIdentity self, TimeProvider time)
{
    public async Task<IReadOnlyList<ClusterSummaryDto>> ReadAsync(CancellationToken cancellationToken)
    {
        var page = await directory.ReadAsync(cancellationToken);
        var now = time.GetUtcNow();
        var owners = page.Clusters.Keys.Where(id => pictures.Views.Find(id) is null).Select(id => pictures.Views.OwnerElsewhere(id)).OfType<Uri>().Distinct();
        var asked = owners.ToDictionary(owner => owner, owner => peers.AskAsync(owner, cancellationToken));
        await Task.WhenAll(asked.Values);
        var rows = new List<ClusterSummaryDto>(page.Clusters.Count);
        foreach (var head in page.Clusters.Values)
        {
            rows.Add(Own(head, now) ?? await ElsewhereAsync(page, head, asked));
        }

        return rows;
    }

    public async Task<IReadOnlyList<ClusterSummaryDto>> ReadOwnAsync(CancellationToken cancellationToken)
    {
        var page = await directory.ReadAsync(cancellationToken);
        var now = time.GetUtcNow();
        return [.. page.Clusters.Values.Select(head => Own(head, now)).OfType<ClusterSummaryDto>()];
    }

    private ClusterSummaryDto? Own(ClusterHead head, DateTimeOffset now) =>
        pictures.Views.Find(head.Id) is { } model ? Summaries.Of(head, ClusterView.Of(model), self.Name, now) : null;

    private async ValueTask<ClusterSummaryDto> ElsewhereAsync(DirectoryPage page, ClusterHead head, Dictionary<Uri, Task<PeerAnswer>> asked)
    {
        if (pictures.Views.Owned.Contains(head.Id))
        {
            return Summaries.Unknown(head, self.Name, "Taken over a moment ago; the first picture is being made.");
        }

        if (pictures.Views.OwnerElsewhere(head.Id) is not { } owner || !asked.TryGetValue(owner, out var asking))
        {
            return Summaries.Unknown(head, null, "No process watches this cluster now; one takes it within seconds.");
        }

        var answer = await asking;
        var name = page.NameOf(owner);
        return answer.Summaries.GetValueOrDefault(head.Id.Value)
            ?? Summaries.Unknown(head, name, answer.Problem is { } why ? $"Its owner, the process {name} at {owner.Authority}, can't be asked: {why}." : $"Its owner, the process {name}, has no picture of it yet.");
    }
}
