using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>Turns what the client throws into failures of a sample. The texts are the client's own: they say what to do.</summary>
internal static class SampleFailures
{
    /// <summary>More failures of one round than this are told as a number.</summary>
    private const int MaxTold = 50;

    public static SampleFailure Of(int? brokerId, string api, KafkaClientException exception) =>
        new(brokerId ?? BrokerOf(exception), api, KindOf(exception), exception.Message);

    public static SampleFailure TimedOut(int? brokerId, string api, string message) => new(brokerId, api, FailureKind.TimedOut, message);

    public static ImmutableArray<SampleFailure> Of(string api, IEnumerable<KeyValuePair<int, KafkaClientException>> failures) =>
        Bounded([.. failures.OrderBy(pair => pair.Key).Select(pair => Of(pair.Key, api, pair.Value))]);

    public static ImmutableArray<SampleFailure> Bounded(ImmutableArray<SampleFailure> failures) => failures.Length <= MaxTold
        ? failures
        : [.. failures.Take(MaxTold), new SampleFailure(null, failures[0].Api, failures[0].Kind, $"{failures.Length - MaxTold} more failures of this kind; the first {MaxTold} stand above.")];

    public static FailureKind KindOf(KafkaClientException exception) => exception switch
    {
        UnsupportedByBrokerException => FailureKind.Unsupported,
        KafkaException kafka => KindOf(kafka.ErrorCode),
        KafkaConnectionException connection => KindOf(connection.Kind),
        _ => FailureKind.Error,
    };

    private static FailureKind KindOf(ErrorCode code) => code switch
    {
        ErrorCode.ClusterAuthorizationFailed or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed => FailureKind.Unauthorized,
        ErrorCode.RequestTimedOut => FailureKind.TimedOut,
        ErrorCode.UnsupportedVersion => FailureKind.Unsupported,
        ErrorCode.BrokerNotAvailable => FailureKind.Unreachable,
        _ => FailureKind.Error,
    };

    private static FailureKind KindOf(KafkaConnectionFailure kind) => kind switch
    {
        KafkaConnectionFailure.TimedOut => FailureKind.TimedOut,
        KafkaConnectionFailure.BrokerTooOld => FailureKind.Unsupported,
        KafkaConnectionFailure.TlsFailed
            or KafkaConnectionFailure.UnknownCa
            or KafkaConnectionFailure.HostnameMismatch
            or KafkaConnectionFailure.ClientCertificateRejected
            or KafkaConnectionFailure.AuthenticationFailed
            or KafkaConnectionFailure.MechanismNotOffered
            or KafkaConnectionFailure.SaslRequired
            or KafkaConnectionFailure.TokenNotObtained => FailureKind.Authentication,
        KafkaConnectionFailure.FrameTooLarge or KafkaConnectionFailure.ProtocolError or KafkaConnectionFailure.InvalidSettings => FailureKind.Error,
        _ => FailureKind.Unreachable,
    };

    private static int? BrokerOf(KafkaClientException exception) => exception switch
    {
        KafkaException kafka => kafka.Broker.Id,
        KafkaConnectionException connection => connection.Node.Id,
        _ => null,
    };
}
