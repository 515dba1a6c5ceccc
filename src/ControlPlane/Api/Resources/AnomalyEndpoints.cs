using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Anomalies, from the database: any process answers, also while a cluster has no owner.</summary>
internal static class AnomalyEndpoints
{
    private static readonly string[] States = ["open", "pending", "active", "resolved", "all"];
    private static readonly string[] Kinds = [.. Detectors.All.Select(detector => detector.Kind)];

    private static readonly QueryParameter State = QueryParameter.Of("state", "Which ones; open are pending and active. Default open.", States);
    private static readonly QueryParameter Kind = QueryParameter.Of("kind", "Only of this kind.", Kinds);

    public static void MapAnomalies(this RouteGroupBuilder api)
    {
        var anomalies = api.MapGroup("/anomalies").WithTags("Anomalies");
        anomalies.MapGet("", List).RequireAuthorization(Policies.View).Refuses(404)
            .WithQuery(QueryParameter.Text("cluster", "Only of this cluster."), State, Kind, QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<AnomalyDto>>("Anomalies of all clusters", "Active ones first, the most severe first. Each names the first 5 partitions, topics and groups it touches.");
        anomalies.MapGet("/{id}", Find).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<AnomalyDetailDto>("One anomaly", "With its evidence, its widest blast radius and what became of it.");
    }

    public static void MapAnomaliesOfCluster(this RouteGroupBuilder cluster)
    {
        var anomalies = cluster.MapGroup("/anomalies").WithTags("Anomalies");
        anomalies.MapGet("", ListOfCluster).RequireAuthorization(Policies.View).Refuses(404)
            .WithQuery(State, Kind, QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<AnomalyDto>>("Anomalies of a cluster", "As the list of all clusters.");
        anomalies.MapGet("/{id}", FindOfCluster).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<AnomalyDetailDto>("One anomaly of a cluster", "With its evidence, its widest blast radius and what became of it.");
    }

    private static Task<IResult> List(HttpContext http, AnomalyStore store, Pictures pictures)
    {
        var query = new QueryReader(http);
        return ListAsync(http, store, pictures, query, query.Text("cluster"));
    }

    private static Task<IResult> ListOfCluster(HttpContext http, string cluster, AnomalyStore store, Pictures pictures) =>
        ListAsync(http, store, pictures, new QueryReader(http), cluster);

    private static Task<IResult> Find(HttpContext http, string id, AnomalyStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        return FindAsync(http, id, null, store);
    }

    private static async Task<IResult> FindOfCluster(HttpContext http, string cluster, string id, AnomalyStore store, Pictures pictures)
    {
        new QueryReader(http).ThrowIfRefused();
        return await FindAsync(http, id, (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id, store);
    }

    private static async Task<IResult> ListAsync(HttpContext http, AnomalyStore store, Pictures pictures, QueryReader query, string? cluster)
    {
        var states = StatesOf(query.Word("state", States) ?? "open");
        var kind = query.Word("kind", Kinds);
        var offset = (int)(query.Number("offset", 0, int.MaxValue) ?? 0);
        var limit = (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit);
        query.ThrowIfRefused();
        ClusterId? only = cluster is null ? null : (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var page = await store.ListAsync(new AnomalyFilter { Cluster = only, States = states, Kind = kind }, offset, limit, http.RequestAborted);
        return Answer.Of(http, new Page<AnomalyDto>([.. page.Anomalies.Select(anomaly => AnomalyRows.Of(anomaly, AnomalyRows.NamedInLists))], page.Total, offset, limit, null));
    }

    private static async Task<IResult> FindAsync(HttpContext http, string id, ClusterId? cluster, AnomalyStore store)
    {
        var anomaly = Guid.TryParseExact(id, "D", out var parsed) ? await store.FindAsync(parsed, http.RequestAborted) : null;
        if (anomaly is null || (cluster is { } only && anomaly.Cluster != only))
        {
            throw new ProblemException(ApiProblems.UnknownAnomaly(id, cluster));
        }

        return Answer.Of(http, AnomalyRows.Detail(anomaly, await store.ListTransitionsAsync(anomaly.Id, http.RequestAborted)));
    }

    private static AnomalyState[] StatesOf(string word) => word switch
    {
        "open" => [AnomalyState.Pending, AnomalyState.Active],
        "pending" => [AnomalyState.Pending],
        "active" => [AnomalyState.Active],
        "resolved" => [AnomalyState.Resolved],
        "all" => Enum.GetValues<AnomalyState>(),
        _ => throw new InvalidOperationException($"Unhandled state {word}"),
    };
}
