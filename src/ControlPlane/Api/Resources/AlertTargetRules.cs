using System.Collections.Immutable;
using ControlPlane.Alerts;
using ControlPlane.Api.Problems;
using ControlPlane.Contracts;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Checks a target as it was sent and turns it into what is stored; names every mistake by its field.</summary>
internal sealed class AlertTargetRules(AddressGuard addresses, ClusterStore clusters)
{
    private const int MaxName = 100;
    private const int MaxUrl = 2000;

    /// <summary>The definition and its new secret (null: as it was).</summary>
    /// <param name="id">Of the target; new for a new one.</param>
    /// <param name="request">As it was sent.</param>
    /// <param name="stored">Null for a new target.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <exception cref="ProblemException">Something can't be accepted.</exception>
    public async Task<(AlertTargetDefinition Definition, string? Secret)> ReadAsync(
        Guid id, AlertTargetRequest request, StoredAlertTarget? stored, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var name = request.Name.Trim();
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl))
        {
            errors["name"] = [$"Expected: 1 to {MaxName} characters, none of them a control character."];
        }

        var kind = ReadKind(request.Kind, stored, errors);
        var url = kind is { } known ? ReadUrl(request.Url, Channels.Of(known), stored, errors) : null;
        if (kind is { } channel)
        {
            CheckSecret(request.Secret, Channels.Of(channel), stored, url, errors);
        }

        var severity = ReadSeverity(request.MinSeverity, stored, errors);
        var only = await ReadClustersAsync(request.Clusters, errors, cancellationToken);
        if (errors.Count > 0)
        {
            throw new ProblemException(ApiProblems.Invalid(errors));
        }

        var isEnabled = request.IsEnabled ?? stored?.Definition.Rules.IsEnabled ?? true;
        return (new AlertTargetDefinition(new AlertTarget(id, kind!.Value, isEnabled, severity, only), name, new Uri(url!).AbsoluteUri), request.Secret);
    }

    private static AlertTargetKind? ReadKind(string text, StoredAlertTarget? stored, Dictionary<string, string[]> errors)
    {
        AlertTargetKind? kind = text switch
        {
            "webhook" => AlertTargetKind.Webhook,
            "pagerduty" => AlertTargetKind.PagerDuty,
            _ => null,
        };
        if (kind is null)
        {
            errors["kind"] = ["Expected: webhook or pagerduty."];
        }
        else if (stored is not null && stored.Definition.Rules.Kind != kind)
        {
            errors["kind"] = ["The kind of a target can't change: its queued deliveries are made for it. Add another target and remove this one."];
        }

        return kind;
    }

    private string? ReadUrl(string? text, IAlertChannel channel, StoredAlertTarget? stored, Dictionary<string, string[]> errors)
    {
        text = string.IsNullOrWhiteSpace(text) ? stored?.Definition.Url ?? channel.UsualUrl : text.Trim();
        var refusal = text switch
        {
            null => "It is missing. Expected: the http or https URL of the receiver.",
            { Length: > MaxUrl } => $"It has {text.Length} characters. Expected: at most {MaxUrl}.",
            _ when !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 => "It is not an http or https URL. Expected for example https://hooks.example.com/kafka.",
            _ => RefuseUrl(new Uri(text)),
        };
        if (refusal is not null)
        {
            errors["url"] = [refusal];
        }

        return text;
    }

    private string? RefuseUrl(Uri url) => url switch
    {
        { UserInfo.Length: > 0 } => "It holds a user name or password, which would be shown with the URL. Expected: a URL without them; requests are signed with the secret.",
        { Fragment.Length: > 0 } => "It has a fragment (#...), which is never sent. Expected: a URL without one.",
        _ => addresses.Refuse(url) is { } what ? AddressGuard.Explain(url.Host, null, what) : null,
    };

    private static void CheckSecret(string? secret, IAlertChannel channel, StoredAlertTarget? stored, string? url, Dictionary<string, string[]> errors)
    {
        if (secret is null && stored is { HasSecret: true })
        {
            // A stored key must not follow a new address: whoever may edit a target may not read its key.
            if (channel.Kind == AlertTargetKind.PagerDuty && url is not null && !string.Equals(Host(url), Host(stored.Definition.Url), StringComparison.OrdinalIgnoreCase))
            {
                errors["secret"] = ["The URL names another host. Expected: the integration key once more, so that the stored one is not sent there."];
            }

            return;
        }

        if (channel.RefuseSecret(secret) is { } refusal)
        {
            errors["secret"] = [refusal];
        }
    }

    private static string? Host(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : null;

    private static Severity ReadSeverity(string? text, StoredAlertTarget? stored, Dictionary<string, string[]> errors)
    {
        switch (text)
        {
            case null:
                return stored?.Definition.Rules.MinSeverity ?? Severity.Warning;
            case "info":
                return Severity.Info;
            case "warning":
                return Severity.Warning;
            case "error":
                return Severity.Error;
            case "critical":
                return Severity.Critical;
            default:
                errors["minSeverity"] = ["Expected: info, warning, error or critical."];
                return Severity.Warning;
        }
    }

    private async Task<ImmutableArray<string>?> ReadClustersAsync(IReadOnlyList<string>? only, Dictionary<string, string[]> errors, CancellationToken cancellationToken)
    {
        if (only is null)
        {
            return null;
        }

        if (only.Count == 0)
        {
            errors["clusters"] = ["It is empty, so nothing would ever be sent. Expected: ids of clusters, or null for all."];
            return null;
        }

        var known = (await clusters.ListAsync(cancellationToken)).Select(cluster => cluster.Id.Value).ToHashSet(StringComparer.Ordinal);
        var unknown = only.Where(id => !known.Contains(id)).Take(5).ToArray();
        if (unknown.Length > 0)
        {
            errors["clusters"] = [$"No such cluster: {string.Join(", ", unknown.Select(id => $"'{AlertRules.Cut(id, ClusterId.MaxLength)}'"))}. Expected: ids as GET /api/v1/clusters lists them, or null for all."];
        }

        return [.. only.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
