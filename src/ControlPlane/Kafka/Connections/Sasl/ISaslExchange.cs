namespace ControlPlane.Kafka.Connections.Sasl;

/// <summary>The client's side of one SASL login, without any I/O: token out, challenge in.</summary>
internal interface ISaslExchange
{
    SaslMechanism Mechanism { get; }

    byte[] Start();

    /// <summary>The next token, or null when the server has said all it had to. Throws <see cref="SaslException"/> on a server that breaks the rules.</summary>
    byte[]? Respond(ReadOnlySpan<byte> challenge);

    /// <summary>What the server said about a failure within the mechanism, where it said anything.</summary>
    string? ServerRemark => null;
}

/// <summary>The server's part of a login is not what the mechanism prescribes. Never carries secrets.</summary>
internal sealed class SaslException(string message) : Exception(message);
