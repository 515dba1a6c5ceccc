using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>What happened to a cluster, from the database: any process answers for any cluster.</summary>
internal static class EventEndpoints
{
    private static readonly string[] Kinds = ["broker", "health", "controller", "leaders", "ownership"];

    public static void MapEvents(this RouteGroupBuilder cluster)
    {
        cluster.MapGet("/events", Read).RequireAuthorization(Policies.View).WithTags("History").Refuses(404)
            .WithQuery(
                QueryParameter.Time("from", "ISO 8601 with a zone, or a time before now such as now-6h. Default now-24h."),
                QueryParameter.Time("to", "As from. Default now."),
                QueryParameter.Text("kind", $"One or more, with commas between: {string.Join(", ", Kinds)}. Default all."),
                QueryParameter.Limit)
            .Describe<ClusterEventsDto>("Events of a cluster", "State changes of brokers, the verdict, controllers, leaders and ownership, newest first. isComplete is false where the limit left out older ones.");
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, Pictures pictures, EventStore store, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var query = new QueryReader(http);
        var to = query.Time("to", now) ?? now;
        var from = query.Time("from", now) ?? to - TimeSpan.FromHours(24);
        var kinds = KindsOf(query);
        var limit = (int)(query.Number("limit", 1, EventStore.MaxLimit) ?? QueryReader.DefaultLimit);
        if (from >= to)
        {
            query.Refuse("from", "It does not lie before 'to'.");
        }

        query.ThrowIfRefused();
        var head = await pictures.RequireKnownAsync(cluster, http.RequestAborted);
        var (events, isComplete) = await store.QueryAsync(new EventQuery(head.Id, from, to, kinds, limit), http.RequestAborted);
        return Answer.Of(http, new ClusterEventsDto(
            [.. events.Select(one => new ClusterEventDto(one.At, one.Kind, one.Subject, Known.Word(one.Status), one.Sentence))], isComplete));
    }

    private static string[]? KindsOf(QueryReader query)
    {
        if (query.Text("kind") is not { } text)
        {
            return null;
        }

        var kinds = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var unknown in kinds.Where(kind => !Kinds.Contains(kind, StringComparer.Ordinal)))
        {
            query.Refuse("kind", $"'{unknown}' is not a kind of event. Expected one or more of: {string.Join(", ", Kinds)}.");
        }

        if (kinds.Length == 0)
        {
            query.Refuse("kind", $"It names none. Expected one or more of: {string.Join(", ", Kinds)}.");
        }

        return kinds;
    }
}
