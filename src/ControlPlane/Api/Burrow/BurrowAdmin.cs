using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Burrow;

/// <summary>Whether the process lives and is ready, and how much it logs.</summary>
internal sealed class BurrowAdmin(BurrowClusters clusters, LogLevelSwitch level, IOptions<BurrowOptions> options)
{
    public static BurrowAnswer Lives { get; } = BurrowAnswer.Text(200, "GOOD");

    public BurrowAnswer Ready => clusters.AreReady ? BurrowAnswer.Text(200, "READY") : BurrowAnswer.Text(503, "STARTING");

    public BurrowAnswer ShowLevel(BurrowCall call) => call.Ok("log level returned", json => json.WriteString("level", level.Word));

    public async Task<BurrowAnswer> SetLevelAsync(BurrowCall call)
    {
        if (!options.Value.AllowChanges || Caller.Of(call.Http.User) is not { Kind: not ActorKind.System, Role: Role.Admin })
        {
            return call.Refused(options.Value.AllowChanges ? "this needs an API token with the role admin" : "this API only reads here; Burrow:AllowChanges lets admins set the log level");
        }

        string? word;
        try
        {
            using var body = await JsonDocument.ParseAsync(call.Http.Request.Body, default, call.Token);
            word = body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("level", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return BurrowAnswer.Error(400, "could not decode message body", call.Path);
        }

        if (LogLevelSwitch.Parse(word) is not { } chosen)
        {
            return call.Missing("unknown log level");
        }

        AuditDraft.Of(call.Http).Reason = $"log level {word!.ToLowerInvariant()}";
        AuditDraft.Of(call.Http).OnceStored(() => level.Choose(chosen));
        return call.Ok("set log level", null);
    }
}
