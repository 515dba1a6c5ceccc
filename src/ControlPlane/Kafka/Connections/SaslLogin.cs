using ControlPlane.Kafka.Connections.Sasl;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>Carries a SASL exchange over Kafka's SaslHandshake and SaslAuthenticate requests.</summary>
internal static class SaslLogin
{
    private const int MaxRounds = 5; // SCRAM, the longest, takes two

    /// <summary>Returns how long the session lasts; null where it does not end.</summary>
    public static async Task<TimeSpan?> RunAsync(
        BrokerConnection connection, ISaslExchange exchange, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var node = connection.Node;
        var name = exchange.Mechanism.KafkaName();
        var handshake = await connection.SendAsync(new SaslHandshakeRequest(name), timeout, cancellationToken);
        if (handshake.ErrorCode != ErrorCode.None)
        {
            throw HandshakeRefused(node, name, handshake);
        }

        try
        {
            var token = exchange.Start();
            for (var round = 0; round < MaxRounds; round++)
            {
                var answer = await connection.SendAsync(new SaslAuthenticateRequest(token), timeout, cancellationToken);
                if (answer.ErrorCode != ErrorCode.None)
                {
                    throw Refused(node, exchange, answer);
                }

                if (exchange.Respond(answer.AuthBytes) is not { } next)
                {
                    return answer.SessionLifetimeMs > 0 ? TimeSpan.FromMilliseconds(Math.Min(answer.SessionLifetimeMs, TimeSpan.MaxValue.TotalMilliseconds / 2)) : null;
                }

                token = next;
            }
        }
        catch (SaslException ex)
        {
            throw new KafkaConnectionException(
                KafkaConnectionFailure.AuthenticationFailed, node, $"The {name} login at {node} failed: {ex.Message} Check that this is the cluster you mean.", ex);
        }

        throw ConnectionErrors.Protocol(node, $"the {name} login did not end after {MaxRounds} rounds.");
    }

    private static KafkaConnectionException HandshakeRefused(KafkaNode node, string name, SaslHandshakeResponse answer) => answer.ErrorCode switch
    {
        ErrorCode.UnsupportedSaslMechanism => new(
            KafkaConnectionFailure.MechanismNotOffered, node,
            $"{node} does not offer the SASL mechanism {name}. It offers: {ConnectionErrors.Printable(string.Join(", ", answer.Mechanisms))}. Choose one of these, or enable {name} on the listener."),
        ErrorCode.IllegalSaslState => new(
            KafkaConnectionFailure.MechanismNotOffered, node,
            $"The listener at {node} has no login (SASL). Use the security protocol PLAINTEXT or SSL, or the port of a SASL listener."),
        var code => new(
            KafkaConnectionFailure.AuthenticationFailed, node, $"{node} refused to begin a {name} login: {code.KafkaName()}."),
    };

    private static KafkaConnectionException Refused(KafkaNode node, ISaslExchange exchange, SaslAuthenticateResponse answer)
    {
        var remark = exchange.ServerRemark ?? answer.ErrorMessage;
        var check = exchange.Mechanism == SaslMechanism.OAuthBearer ? "Check what the token grants (audience, scope) and which issuer the broker trusts." : "Check user name and password.";
        var said = string.IsNullOrWhiteSpace(remark) ? "" : $", saying: {ConnectionErrors.Printable(remark).TrimEnd('.')}";
        return new(
            KafkaConnectionFailure.AuthenticationFailed, node,
            $"{node} refused the {exchange.Mechanism.KafkaName()} login ({answer.ErrorCode.KafkaName()}{said}). {check}");
    }
}
