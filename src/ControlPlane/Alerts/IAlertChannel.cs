using ControlPlane.Engine.Alerts;
using ControlPlane.Storage;

namespace ControlPlane.Alerts;

/// <summary>How one kind of target is spoken to. Makes requests and judges settings; sending is the same for all.</summary>
internal interface IAlertChannel
{
    AlertTargetKind Kind { get; }

    /// <summary>Used where a target names no URL; null where it must.</summary>
    string? UsualUrl { get; }

    /// <summary>Why a secret can't be used, with what is expected; null where it can. A null secret: none is set.</summary>
    string? RefuseSecret(string? secret);

    /// <summary>Names whose rate limit a request counts for, without giving the secret away; null where there is none.</summary>
    string? RateKey(string? secret);

    /// <summary>The same claim always makes the same body.</summary>
    HttpRequestMessage CreateRequest(DeliveryClaim claim, string? secret, DateTimeOffset now);
}

/// <summary>All channels.</summary>
internal static class Channels
{
    public static IReadOnlyList<IAlertChannel> All { get; } = [new WebhookChannel(), new PagerDutyChannel()];

    public static IAlertChannel Of(AlertTargetKind kind) =>
        All.FirstOrDefault(channel => channel.Kind == kind) ?? throw new InvalidOperationException($"There is no channel for {kind}.");
}
