using System.Globalization;

namespace ControlPlane.Engine.Alerts;

/// <summary>Why no HTTP status came back.</summary>
public enum SendFailure
{
    None,

    /// <summary>No answer in time, or the connection broke after the request had begun.</summary>
    NoAnswer,

    /// <summary>Name not found, refused, unreachable: nothing was sent.</summary>
    NotConnected,

    /// <summary>The certificate or the handshake was not acceptable.</summary>
    Tls,

    /// <summary>The address is one that alerts must not be sent to.</summary>
    ForbiddenAddress,

    /// <summary>What is needed to send is not usable here, such as a secret that can't be opened.</summary>
    NotSendable,
}

/// <summary>What one attempt brought.</summary>
/// <param name="Problem">In words; null where the receiver took it.</param>
/// <param name="Preview">Beginning of the answer's body; only for admins.</param>
public sealed record SendResult(int? HttpStatus, SendFailure Failure, string? Problem, TimeSpan? RetryAfter, string? Preview);

/// <summary>What follows from an attempt.</summary>
public enum SendVerdict
{
    Delivered,
    Retry,
    Refused,

    /// <summary>The receiver says it is gone for good: the target is switched off.</summary>
    Gone,
}

/// <summary>Sorts answers by what repeating the request could change.</summary>
public static class SendVerdicts
{
    public static SendVerdict Judge(SendResult result) => result switch
    {
        { Failure: SendFailure.NoAnswer or SendFailure.NotConnected } => SendVerdict.Retry,
        { Failure: SendFailure.Tls or SendFailure.ForbiddenAddress or SendFailure.NotSendable } => SendVerdict.Refused,
        { HttpStatus: >= 200 and < 300 } => SendVerdict.Delivered,
        { HttpStatus: 410 } => SendVerdict.Gone,
        { HttpStatus: 408 or 429 or >= 500 } => SendVerdict.Retry,
        _ => SendVerdict.Refused,
    };

    /// <summary>Whether the receiver may have acted on it although it did not say so.</summary>
    public static bool MayHaveArrived(SendResult result) =>
        result.Failure == SendFailure.NoAnswer || result.HttpStatus is 408 or >= 500 or (>= 200 and < 300);

    /// <summary>Why a status other than success is one, in a sentence; null for success.</summary>
    public static string? Explain(int status, string? location) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => Invariant($"The receiver redirects (HTTP {status}{(location is null ? "" : $" to {AlertRules.Cut(location, 200)}")}). Redirects are not followed: enter the final address as the target's URL."),
        401 or 403 => Invariant($"The receiver refused the request (HTTP {status}). Check the target's secret and URL."),
        404 => "The receiver has nothing at this address (HTTP 404). Check the target's URL.",
        408 => "The receiver says the request came too slowly (HTTP 408).",
        410 => "The receiver is gone for good (HTTP 410). The target was switched off: enter a new URL and enable it again.",
        429 => "The receiver asks for fewer requests (HTTP 429).",
        >= 500 => Invariant($"The receiver failed (HTTP {status})."),
        _ => Invariant($"The receiver refused the request (HTTP {status}). It would refuse it again; see what it answered."),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
