using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>Anything that went wrong between us and Kafka: an answer with an error, or no answer.</summary>
public abstract class KafkaClientException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>Whether the same call can succeed later without anyone changing anything.</summary>
    public abstract bool IsRetriable { get; }
}

/// <summary>A broker answered with an error code.</summary>
public class KafkaException(ErrorCode errorCode, KafkaNode broker, ApiKey api, string message)
    : KafkaClientException(message, null)
{
    public ErrorCode ErrorCode { get; } = errorCode;

    public KafkaNode Broker { get; } = broker;

    public ApiKey Api { get; } = api;

    public override bool IsRetriable => ErrorCode.IsRetriable();
}

/// <summary>A broker is too old, or too differently configured, to serve an API at a version that we speak.</summary>
public sealed class UnsupportedByBrokerException(KafkaNode broker, ApiDescriptor api, VersionRange? offered, string? firstRelease, string message)
    : KafkaException(ErrorCode.UnsupportedVersion, broker, api.Key, message)
{
    public ApiDescriptor Wanted { get; } = api;

    /// <summary>Null: the broker does not serve this API at all.</summary>
    public VersionRange? Offered { get; } = offered;

    /// <summary>The first Kafka release that serves it; null where we don't know one.</summary>
    public string? FirstRelease { get; } = firstRelease;

    public override bool IsRetriable => false;
}

/// <summary>No answer came: the connection could not be made, or broke.</summary>
public sealed class KafkaConnectionException(KafkaConnectionFailure kind, KafkaNode node, string message, Exception? inner = null)
    : KafkaClientException(message, inner)
{
    public KafkaConnectionFailure Kind { get; } = kind;

    public KafkaNode Node { get; } = node;

    /// <summary>The request had been written, at least in part: whether the broker acted on it is not known.</summary>
    public bool OutcomeUnknown { get; init; }

    /// <summary>How long the node is left alone after this failure; null where no new connection is being held back.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public override bool IsRetriable => Kind is
        KafkaConnectionFailure.DnsFailed
        or KafkaConnectionFailure.Refused
        or KafkaConnectionFailure.Unreachable
        or KafkaConnectionFailure.TimedOut
        or KafkaConnectionFailure.ClosedByBroker
        or KafkaConnectionFailure.TokenNotObtained;

    internal KafkaConnectionException With(bool outcomeUnknown) =>
        new(Kind, Node, Message, InnerException) { OutcomeUnknown = outcomeUnknown, RetryAfter = RetryAfter };

    internal KafkaConnectionException After(TimeSpan retryAfter) =>
        new(Kind, Node, Message, InnerException) { OutcomeUnknown = false, RetryAfter = retryAfter };
}

/// <summary>Why there was no answer.</summary>
public enum KafkaConnectionFailure
{
    DnsFailed,
    Refused,
    Unreachable,
    TimedOut,
    TlsFailed,
    UnknownCa,
    HostnameMismatch,

    /// <summary>The broker asked for a client certificate and did not accept ours, or that we had none.</summary>
    ClientCertificateRejected,
    SpeaksHttp,

    /// <summary>We came without TLS, the port wants it.</summary>
    SpeaksTls,

    /// <summary>We came with TLS, the port does not know it.</summary>
    SpeaksPlaintext,
    AuthenticationFailed,
    MechanismNotOffered,

    /// <summary>We came without a login, the listener wants one.</summary>
    SaslRequired,

    /// <summary>The OAuth server gave no token.</summary>
    TokenNotObtained,
    BrokerTooOld,
    ClosedByBroker,
    FrameTooLarge,
    ProtocolError,

    /// <summary>Settings that can't work, whatever the broker says.</summary>
    InvalidSettings,
}
