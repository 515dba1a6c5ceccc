using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>Finds out whether a listener wants a login, by asking for a mechanism that does not exist.</summary>
internal static class SaslProbe
{
    private const string NoMechanism = "NONE";

    /// <summary>What the listener offers; null where it has no login or does not answer.</summary>
    public static async Task<IReadOnlyList<string>?> MechanismsAsync(KafkaNode node, ConnectionContext context, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await BrokerConnection.OpenAsync(node, context, (_, _) => { }, cancellationToken);
            var answer = await connection.SendAsync(new SaslHandshakeRequest(NoMechanism), context.Settings.ConnectTimeout, cancellationToken);
            return answer.ErrorCode == ErrorCode.UnsupportedSaslMechanism ? answer.Mechanisms : null;
        }
        catch (KafkaClientException)
        {
            return null;
        }
    }
}
