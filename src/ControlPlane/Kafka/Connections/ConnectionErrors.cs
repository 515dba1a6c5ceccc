using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>Every text about a failed connection, in one place: what, where, what was expected, what to do next.</summary>
internal static class ConnectionErrors
{
    private const byte TlsAlert = 0x15;
    private const byte TlsHandshake = 0x16;

    public static KafkaConnectionException Dns(KafkaNode node, Exception cause) => new(
        KafkaConnectionFailure.DnsFailed, node,
        $"The host name '{node.Endpoint.Host}' of {node} does not resolve: {cause.Message}. " +
        (node.Id is null ? "Check the bootstrap servers." : "The cluster advertises this name (advertised.listeners): make it known to this machine's DNS, or change it on the broker."),
        cause);

    public static KafkaConnectionException Tcp(KafkaNode node, SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new(
            KafkaConnectionFailure.Refused, node,
            $"{node} refused the connection: nothing listens on that port. Check host and port, and that the broker runs.", cause),
        SocketError.TimedOut => new(
            KafkaConnectionFailure.TimedOut, node,
            $"{node} did not answer to the connection attempt. Check host, port and firewalls between here and there.", cause),
        _ => new(
            KafkaConnectionFailure.Unreachable, node,
            $"{node} could not be reached: {cause.Message}. Check the address and the network between here and there.", cause),
    };

    public static KafkaConnectionException OpenTimedOut(KafkaNode node, ConnectStage stage, TimeSpan timeout) => new(
        KafkaConnectionFailure.TimedOut, node,
        $"{node} was not ready within {Seconds(timeout)}: no answer while {Doing(stage)}. " + (stage switch
        {
            ConnectStage.Tcp => "Check host, port and firewalls between here and there.",
            ConnectStage.Tls => "The port may not speak TLS, or the broker hangs.",
            _ => "The broker may hang or be overloaded; a listener that wants TLS can also stay silent: check the security protocol.",
        }));

    public static KafkaConnectionException RequestTimedOut(KafkaNode node, ApiKey api, TimeSpan timeout) => new(
        KafkaConnectionFailure.TimedOut, node,
        $"{node} did not answer {api} within {Seconds(timeout)}. It may hang or be overloaded.")
    { OutcomeUnknown = true };

    public static KafkaConnectionException QueueTimedOut(KafkaNode node, ApiKey api, TimeSpan timeout) => new(
        KafkaConnectionFailure.TimedOut, node,
        $"{api} waited {Seconds(timeout)} for its turn on the connection to {node}: an earlier request there has no answer yet.");

    public static KafkaConnectionException Closed(KafkaNode node, string when, Exception? cause = null) => new(
        KafkaConnectionFailure.ClosedByBroker, node,
        $"The connection to {node} was closed from the other side {when}{(cause is null ? "" : $" ({cause.Message.TrimEnd('.')})")}. The broker may have stopped or restarted.", cause);

    public static KafkaConnectionException ClosedByUs(KafkaNode node) => new(
        KafkaConnectionFailure.ClosedByBroker, node, $"The connection to {node} was given up while a request on it was cancelled or timed out.");

    public static KafkaConnectionException ClosedOnFirstRequest(KafkaNode node, SecurityProtocol protocol, Exception? cause) => new(
        KafkaConnectionFailure.ClosedByBroker, node,
        $"{node} closed the connection without an answer to the first request, sent as {protocol.KafkaName()}. " +
        (protocol.UsesTls()
            ? "Check that the port is that of a Kafka broker."
            : "A listener that wants TLS does this: check port and security protocol (SSL or SASL_SSL), and that it is a Kafka broker."),
        cause);

    public static KafkaConnectionException SaslRequired(KafkaNode node, IReadOnlyList<string> mechanisms, Exception cause) => new(
        KafkaConnectionFailure.SaslRequired, node,
        $"The listener at {node} demands a login (SASL) and the settings have none. Choose SASL_PLAINTEXT or SASL_SSL with one of its mechanisms: {string.Join(", ", mechanisms)}.",
        cause);

    public static KafkaConnectionException TlsAtPlainPort(KafkaNode node, Exception? cause) => new(
        KafkaConnectionFailure.SpeaksPlaintext, node,
        $"{node} ended the TLS handshake without a word of TLS: the port most likely is a plaintext listener. " +
        "Check the port, or use the security protocol PLAINTEXT or SASL_PLAINTEXT.", cause);

    public static KafkaConnectionException Http(KafkaNode node, Exception? cause = null) => new(
        KafkaConnectionFailure.SpeaksHttp, node,
        $"{node} speaks HTTP, not the Kafka protocol. Check the port: a REST proxy, a schema registry, a web page or a metrics endpoint may be there.", cause);

    public static KafkaConnectionException TlsAtOurPlain(KafkaNode node) => new(
        KafkaConnectionFailure.SpeaksTls, node,
        $"{node} answered with TLS to a request without it. Use the security protocol SSL or SASL_SSL, or the port of a plaintext listener.");

    public static KafkaConnectionException Garbage(KafkaNode node, ReadOnlySpan<byte> first, string what) => new(
        KafkaConnectionFailure.ProtocolError, node,
        $"{node} sent {what}, beginning with the bytes {Convert.ToHexString(first)}. Check that the port is that of a Kafka broker.");

    public static KafkaConnectionException TooLarge(KafkaNode node, int size, int cap) => new(
        KafkaConnectionFailure.FrameTooLarge, node,
        $"{node} announced an answer of {size} bytes; at most {cap} are accepted. If the cluster is that large, raise the response limit of its connection settings.");

    public static KafkaConnectionException Protocol(KafkaNode node, string what, Exception? cause = null) => new(
        KafkaConnectionFailure.ProtocolError, node, $"{node} broke the Kafka protocol: {what} The connection was closed.", cause);

    /// <summary>Tells from the first bytes of what should be a frame's length what really speaks there.</summary>
    public static KafkaConnectionException WrongLength(KafkaNode node, ReadOnlySpan<byte> header, int cap, bool anyFrameBefore)
    {
        var size = BinaryPrimitives.ReadInt32BigEndian(header);
        if (LooksLikeHttp(header) && !anyFrameBefore)
        {
            return Http(node);
        }

        if (header[0] is TlsAlert or TlsHandshake && header[1] == 0x03 && !anyFrameBefore)
        {
            return TlsAtOurPlain(node);
        }

        return anyFrameBefore && size > cap ? TooLarge(node, size, cap)
            : size > cap && header[0] < 0x20 ? TooLarge(node, size, cap)
            : Garbage(node, header, size < 0 ? "a frame of negative length" : $"a frame of the impossible length {size}");
    }

    public static bool LooksLikeHttp(ReadOnlySpan<byte> bytes) => bytes.StartsWith("HTTP"u8);

    public static string Printable(string? text)
    {
        var clean = new StringBuilder();
        foreach (var letter in (text ?? "").Take(300))
        {
            clean.Append(char.IsControl(letter) ? ' ' : letter);
        }

        return clean.ToString();
    }

    private static string Doing(ConnectStage stage) => stage switch
    {
        ConnectStage.Dns => "looking up its name",
        ConnectStage.Tcp => "connecting",
        ConnectStage.Tls => "agreeing on TLS",
        ConnectStage.Versions => "asking for its API versions",
        ConnectStage.Token => "fetching a token from the OAuth server",
        ConnectStage.Login => "logging in",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "Unknown stage"),
    };

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.#} s");
}

/// <summary>How far a new connection has come.</summary>
internal enum ConnectStage
{
    Dns,
    Tcp,
    Tls,
    Versions,
    Token,
    Login,
}
