using System.Net.Sockets;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>Asks one broker for a small answer and says what came of it.</summary>
internal sealed class BrokerProber(KafkaNetwork network)
{
    /// <summary>Leaves time, within the caller's limit, to see whether a silent broker at least accepts connections.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMilliseconds(1000);

    private static readonly TimeSpan KnockPatience = TimeSpan.FromMilliseconds(300);

    private static readonly ApiVersionsRequest Question = new("kafka-control-plane", "1");

    public async Task<BrokerProbe> ProbeAsync(ObservedBroker broker, CancellationToken cancellationToken)
    {
        var began = network.Time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerPatience);
        try
        {
            await network.SendToBrokerAsync(broker.Id, Question, RequestLane.Look, limit.Token);
            return Probe(ProbeOutcome.Answered, "answered");
        }
        catch (OperationCanceledException)
        {
            return await KnockAsync(broker, cancellationToken) switch
            {
                null => Probe(ProbeOutcome.TimedOut, $"{broker.Host}:{broker.Port} accepts connections but gave no answer within {AnswerPatience.TotalSeconds:0.#} s"),
                SocketError.ConnectionRefused => Probe(ProbeOutcome.Refused, $"connection refused by {broker.Host}:{broker.Port}"),
                _ => Probe(ProbeOutcome.Unreachable, $"{broker.Host}:{broker.Port} does not react to connection attempts"),
            };
        }
        catch (KafkaConnectionException ex)
        {
            return Probe(OutcomeOf(ex.Kind), DetailOf(ex, broker));
        }
        catch (KafkaClientException ex)
        {
            return Probe(ProbeOutcome.Failed, ex.Message);
        }

        BrokerProbe Probe(ProbeOutcome outcome, string detail) => new(broker.Id, outcome, network.Time.GetElapsedTime(began), detail);
    }

    public static ProbeOutcome OutcomeOf(KafkaConnectionFailure kind) => kind switch
    {
        KafkaConnectionFailure.Refused => ProbeOutcome.Refused,
        KafkaConnectionFailure.ClosedByBroker => ProbeOutcome.ConnectionLost,
        KafkaConnectionFailure.TimedOut => ProbeOutcome.TimedOut,
        KafkaConnectionFailure.Unreachable or KafkaConnectionFailure.DnsFailed => ProbeOutcome.Unreachable,
        _ => ProbeOutcome.Failed,
    };

    private static string DetailOf(KafkaConnectionException exception, ObservedBroker broker) => exception.Kind switch
    {
        KafkaConnectionFailure.Refused => $"connection refused by {broker.Host}:{broker.Port}",
        KafkaConnectionFailure.ClosedByBroker => $"{broker.Host}:{broker.Port} closed the connection",
        _ => exception.Message.TrimEnd('.'),
    };

    /// <summary>Null: a TCP connection came about, so that a live kernel (if not a live process) is there.</summary>
    private static async Task<SocketError?> KnockAsync(ObservedBroker broker, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(KnockPatience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(broker.Host, broker.Port, limit.Token);
            return null;
        }
        catch (SocketException ex)
        {
            return ex.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return SocketError.TimedOut;
        }
    }
}
