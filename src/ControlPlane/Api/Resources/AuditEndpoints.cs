using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Who did what, newest first.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this RouteGroupBuilder api) => api.MapGet("/audit", Read).RequireAuthorization(Policies.View).WithTags("Audit")
        .WithQuery(
            QueryParameter.Text("cluster", "Only about this cluster; also one that is gone."),
            QueryParameter.Text("actor", "Only by this user or token."),
            QueryParameter.Text("action", "The whole action such as cluster.add, or its beginning such as cluster."),
            QueryParameter.Time("from", "Not before this time."),
            QueryParameter.Time("to", "Before this time."),
            QueryParameter.Text("search", "Part of actor, action, target or reason, in any case."),
            QueryParameter.Number("before", "nextBefore of the last answer, for the next older part."),
            QueryParameter.Limit)
        .Describe<AuditPageDto>("Audit trail", "Everything that changed something or tried to, and log-ins. Before and after are without secrets.");

    private static async Task<IResult> Read(HttpContext http, AuditStore store, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var query = new QueryReader(http);
        ClusterId? cluster = null;
        if (query.Text("cluster") is { } text)
        {
            cluster = ClusterId.TryParse(text, out var id) ? id : null;
            if (cluster is null)
            {
                query.Refuse("cluster", $"It is not a cluster id. Expected: {ClusterId.Expected}.");
            }
        }

        var filter = new AuditFilter
        {
            Cluster = cluster,
            Actor = Safe(query.Text("actor")),
            Action = Safe(query.Text("action")),
            From = query.Time("from", now),
            To = query.Time("to", now),
            Text = Safe(query.Text("search")),
        };
        var before = query.Number("before", 1, long.MaxValue);
        var limit = (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit);
        query.ThrowIfRefused();
        var page = await store.QueryAsync(filter, before, limit, http.RequestAborted);
        return Answer.Of(http, new AuditPageDto([.. page.Entries.Select(ToDto)], page.NextBefore));
    }

    // PostgreSQL text holds no NUL, so nothing would be found; the driver would rather fail.
    private static string? Safe(string? text) => text?.Replace("\0", "\uFFFD", StringComparison.Ordinal);

    private static AuditEntryDto ToDto(StoredAuditEntry stored) => new(
        stored.Id,
        stored.At,
        stored.Entry.Actor,
        Word(stored.Entry.ActorKind.ToString()),
        stored.Entry.SourceAddress?.ToString(),
        stored.Entry.Cluster?.Value,
        stored.Entry.Action,
        stored.Entry.Target,
        Json(stored.Entry.Before),
        Json(stored.Entry.After),
        Word(stored.Entry.Outcome.ToString()),
        stored.Entry.Reason,
        stored.Entry.CorrelationId);

    private static string Word(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static JsonElement? Json(string? text)
    {
        if (text is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
