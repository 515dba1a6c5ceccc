using System.Text.Json;
using ControlPlane.Alerts;
using ControlPlane.Api.Views;
using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Burrow;

/// <summary>What of the configuration is this process's own: where it is reached, and who is notified.</summary>
internal sealed class BurrowSelf(ProcessIdentity process, BurrowNotifiers notifiers)
{
    public string Address => Uri.TryCreate(process.Address, UriKind.Absolute, out var address) ? address.Authority : process.Address;

    public BurrowNotifiers Notifiers => notifiers;
}

/// <summary>The alert targets as Burrow's notifiers: http where something is sent, null where a target is switched off. No secret is told, nor the path of an address.</summary>
internal sealed class BurrowNotifiers(AlertTargetStore targets, IOptions<AlertsOptions> options)
{
    /// <summary>From this status on: 2 is WARN, 3 ERR.</summary>
    private const int Warn = 2;
    private const int Err = 3;

    /// <summary>In lower case, as Burrow has the names of its configuration.</summary>
    public async Task<string[]> ListAsync(CancellationToken cancellationToken) =>
        [.. (await targets.ListAsync(cancellationToken)).Select(NameOf).Distinct(StringComparer.Ordinal)];

    /// <summary>Null where there is none.</summary>
    public async Task<Action<Utf8JsonWriter>?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await targets.ListAsync(cancellationToken)).FirstOrDefault(target => NameOf(target) == name) is { Definition: var target } ? json => Write(json, target) : null;

    private void Write(Utf8JsonWriter json, AlertTargetDefinition target)
    {
        json.WriteString("class-name", target.Rules.IsEnabled ? "http" : "null");
        json.WriteString("group-allowlist", "");
        json.WriteNumber("interval", 0); // told when something changes, and not again
        json.WriteNumber("threshold", target.Rules.MinSeverity >= Severity.Error ? Err : Warn);
        if (target.Rules.IsEnabled)
        {
            var url = AlertRows.HostOnly(target.Url);
            json.WriteNumber("timeout", (int)Math.Ceiling(options.Value.RequestTimeout.TotalSeconds));
            json.WriteNumber("keepalive", (int)AlertHttp.KeepAlive.TotalSeconds);
            json.WriteString("url-open", url);
            json.WriteString("url-close", url);
            json.WriteString("method-open", "POST");
            json.WriteString("method-close", "POST");
        }

        json.WriteString("template-open", ""); // the body is the target's kind's own
        json.WriteString("template-close", "");
        json.WriteStartObject("extra");
        json.WriteEndObject();
        json.WriteBoolean("send-close", true);
        if (target.Rules.IsEnabled)
        {
            json.WriteString("extra-ca", "");
            json.WriteString("noverify", "");
        }
    }

    private static string NameOf(StoredAlertTarget target) => target.Definition.Name.ToLowerInvariant();
}
