using System.Net;
using System.Text.Json;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Access;

/// <summary>Marks an endpoint whose every use is kept in the audit trail.</summary>
internal sealed record AuditedAction(string Action);

/// <summary>What a handler knows of the change it makes; the rest comes from the request.</summary>
internal sealed class AuditDraft
{
    public string? Actor { get; set; }

    public string? Action { get; set; }

    public string? Target { get; set; }

    public ClusterId? Cluster { get; set; }

    public JsonElement? Before { get; private set; }

    public JsonElement? After { get; private set; }

    public string? Reason { get; set; }

    private event Action? Stored;

    /// <summary>What has to happen once the change is stored, such as forgetting what was read before it; never where it is undone.</summary>
    public void OnceStored(Action then) => Stored += then;

    public void TellStored() => Stored?.Invoke();

    /// <summary>Only DTOs of the contract: they carry no secrets.</summary>
    public void SetBefore<T>(T value) => Before = JsonSerializer.SerializeToElement(value, Answer.TypeInfo<T>());

    public void SetAfter<T>(T value) => After = JsonSerializer.SerializeToElement(value, Answer.TypeInfo<T>());

    public static AuditDraft Of(HttpContext http)
    {
        if (http.Items[typeof(AuditDraft)] is not AuditDraft draft)
        {
            http.Items[typeof(AuditDraft)] = draft = new AuditDraft();
        }

        return draft;
    }
}

/// <summary>Writes who did what, with the state before and after; the one place of the API that does.</summary>
internal sealed partial class AuditTrail(AuditStore store, ILogger<AuditTrail> logger)
{
    private const int MaxText = 500;

    /// <summary>Around a handler: what it changes in the database is stored together with its entry or not at all, and answered only then.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var trail = http.RequestServices.GetRequiredService<AuditTrail>();
        var action = http.GetEndpoint()!.Metadata.GetRequiredMetadata<AuditedAction>().Action;
        object? result;
        await using var change = trail.Begin();
        try
        {
            result = await next(context);
        }
        catch (ProblemException ex) when (ex.Problem.Status < 500)
        {
            await trail.TryRecordRefusedAsync(http, action, ex.Problem.Title);
            throw;
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            await trail.TryRecordAsync(http, action, AuditOutcome.Failed, ex is ProblemException problem ? problem.Problem.Title : ex.GetType().Name);
            throw;
        }

        switch ((result as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK)
        {
            case < 400:
                await trail.RecordAsync(http, action, change);
                break;
            case < 500:
                await trail.TryRecordRefusedAsync(http, action, TitleOf(result));
                break;
            default:
                await trail.TryRecordAsync(http, action, AuditOutcome.Failed, TitleOf(result));
                break;
        }

        return result;
    }

    /// <summary>A refused attempt; a trail that can't be written does not turn the refusal into something else.</summary>
    public Task TryRecordRefusedAsync(HttpContext http, string action, string? why) => TryRecordAsync(http, action, AuditOutcome.Refused, why);

    /// <summary>For the forms, which answer with redirects: begun before the change, then recorded with it.</summary>
    public AuditedChange Begin() => store.Begin();

    /// <summary>Refused with a reason, or succeeded.</summary>
    public Task RecordFormAsync(HttpContext http, string action, AuditedChange change, string? refused) =>
        refused is null ? RecordAsync(http, action, change) : TryRecordRefusedAsync(http, action, refused);

    public static IPAddress? SourceOf(HttpContext http) => Caller.Of(http.User)?.SourceAddress ?? http.Connection.RemoteIpAddress;

    private static string? TitleOf(object? result) => (result as IValueHttpResult)?.Value is Microsoft.AspNetCore.Mvc.ProblemDetails details ? details.Title : null;

    private async Task RecordAsync(HttpContext http, string action, AuditedChange change)
    {
        var joined = change.HasBegun;
        try
        {
            await store.CommitAsync(change, Entry(http, action, AuditOutcome.Succeeded, AuditDraft.Of(http).Reason));
        }
        catch (StorageUnavailableException ex)
        {
            LogNotRecorded(AuditDraft.Of(http).Action ?? action, AuditDraft.Of(http).Target ?? "", Caller.Of(http.User)?.Name ?? "", ex);
            throw new ProblemException(NotRecorded(joined, change.IsCommitting, ex.Message));
        }

        AuditDraft.Of(http).TellStored();
    }

    private static Problem NotRecorded(bool joined, bool isCommitting, string why) => (joined, isCommitting) switch
    {
        (true, false) => new Problem(503, "Nothing was changed: it could not be recorded", $"The audit trail could not be written: {why}", "Try again once the database is well.") { Code = "not-recorded" },
        (true, true) => new Problem(503, "It is not known whether the change was stored", $"The database went away while it was committing: {why}", "See whether the change is there before you repeat it.") { Code = "outcome-unknown" },
        _ => new Problem(503, "The change was made, but could not be recorded", $"The audit trail could not be written: {why}", "See whether the change is there before you repeat it. The log of the process has who made it.") { Code = "not-recorded" },
    };

    private async Task TryRecordAsync(HttpContext http, string action, AuditOutcome outcome, string? why)
    {
        try
        {
            var own = AuditDraft.Of(http).Reason;
            await store.AppendAsync(Entry(http, action, outcome, why is null || own is null ? why ?? own : $"{why}: {own}"), CancellationToken.None);
        }
        catch (StorageUnavailableException ex)
        {
            LogNotRecorded(AuditDraft.Of(http).Action ?? action, AuditDraft.Of(http).Target ?? "", Caller.Of(http.User)?.Name ?? "", ex);
        }
    }

    private static AuditEntry Entry(HttpContext http, string action, AuditOutcome outcome, string? reason)
    {
        var draft = AuditDraft.Of(http);
        var caller = Caller.Of(http.User);
        return new AuditEntry
        {
            Actor = Clean(draft.Actor ?? caller?.Name ?? "nobody"),
            ActorKind = caller?.Kind ?? ActorKind.User,
            SourceAddress = SourceOf(http),
            Cluster = draft.Cluster ?? (ClusterId.TryParse(http.GetRouteValue("cluster") as string, out var cluster) ? cluster : null),
            Action = draft.Action ?? action,
            Target = Clean(draft.Target ?? RouteTarget(http)),
            Before = draft.Before?.GetRawText(),
            After = draft.After?.GetRawText(),
            Outcome = outcome,
            Reason = reason is null ? null : Clean(reason),
            CorrelationId = Correlation.Of(http),
        };
    }

    private static string RouteTarget(HttpContext http) =>
        (http.GetRouteValue("cluster") ?? http.GetRouteValue("name") ?? http.GetRouteValue("id")) as string ?? http.Request.Path.ToString();

    // PostgreSQL takes no NUL, and a person can't read a megabyte.
    private static string Clean(string text)
    {
        text = text.Replace("\0", "", StringComparison.Ordinal);
        return text.Length <= MaxText ? text : text[..MaxText];
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit trail could not be written: {Action} of {Target} by {Actor}")]
    private partial void LogNotRecorded(string action, string target, string actor, Exception exception);
}
