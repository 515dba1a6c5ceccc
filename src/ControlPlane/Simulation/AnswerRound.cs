using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>
/// One round of requests to the simulated brokers: who answers, how long it would take, what it would cost on the wire. Nothing waits:
/// a time-out is told, not spent.
/// </summary>
internal sealed class AnswerRound(SimulatedKafka kafka)
{
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(1.5);

    private readonly ImmutableArray<SampleFailure>.Builder _failures = ImmutableArray.CreateBuilder<SampleFailure>();
    private TimeSpan _slowest;
    private SampleCost _cost;

    /// <summary>Asks one broker; false where it doesn't answer, which is then among the failures.</summary>
    public bool Ask(int id, string api, WireCost cost)
    {
        if (!kafka.HasBroker(id))
        {
            _failures.Add(new SampleFailure(id, api, FailureKind.Unreachable, string.Create(CultureInfo.InvariantCulture, $"broker {id} isn't in the cluster; expected 1 to {kafka.Brokers.Count}")));
            return false;
        }

        var broker = kafka.Broker(id);
        var (outcome, took, detail) = Try(broker);
        Spend(took, cost with { Received = outcome == ProbeOutcome.Answered ? cost.Received : 0 });
        if (outcome == ProbeOutcome.Answered)
        {
            return true;
        }

        var kind = outcome == ProbeOutcome.TimedOut ? FailureKind.TimedOut : FailureKind.Unreachable;
        _failures.Add(new SampleFailure(id, api, kind, detail));
        return false;
    }

    /// <summary>Asks whoever answers, as clients do for requests that any broker can serve.</summary>
    public bool AskAny(string api, WireCost cost)
    {
        foreach (var broker in kafka.Brokers)
        {
            if (broker.IsServing && !broker.IsFenced)
            {
                Spend(Try(broker).Took, cost);
                return true;
            }
        }

        _failures.Add(new SampleFailure(null, api, FailureKind.Unreachable, string.Create(CultureInfo.InvariantCulture, $"none of the {kafka.Brokers.Count} brokers answers; start one of them")));
        return false;
    }

    public void Fail(int? broker, string api, FailureKind kind, string message) => _failures.Add(new SampleFailure(broker, api, kind, message));

    /// <summary>What a small request to that broker meets.</summary>
    public (ProbeOutcome Outcome, TimeSpan Took, string Detail) Try(SimulatedBroker broker) => broker.Life switch
    {
        BrokerLife.Stopped => (ProbeOutcome.Refused, TimeSpan.FromMilliseconds(1), string.Create(CultureInfo.InvariantCulture, $"connection refused by {broker.Host}:{broker.Port}")),
        BrokerLife.Hanging => (ProbeOutcome.TimedOut, RequestTimeout, string.Create(CultureInfo.InvariantCulture, $"{broker.Host}:{broker.Port} accepted the connection and gave no answer within {RequestTimeout.TotalSeconds} s")),
        _ => (ProbeOutcome.Answered, AnswerTime(broker), "answered"),
    };

    public void Spend(TimeSpan took, WireCost cost)
    {
        _slowest = took > _slowest ? took : _slowest;
        _cost = new SampleCost(_cost.Requests + cost.Requests, _cost.BytesSent + cost.Sent, _cost.BytesReceived + cost.Received);
    }

    public Sampled<T> Result<T>(T? value)
        where T : class
        => new(kafka.Clock.Now, value, _failures.ToImmutable()) { Cost = _cost, Took = _slowest };

    /// <summary>A few milliseconds that differ by broker and second; a slow disk shows.</summary>
    private TimeSpan AnswerTime(SimulatedBroker broker)
    {
        var noise = SeededRandom.Noise(kafka.World.Spec.Seed, broker.Id, kafka.Clock.Now.ToUnixTimeSeconds());
        var slow = Array.Exists(broker.LogDirs, dir => dir.SlowBytesPerSecond is not null) ? 25 : 1;
        return TimeSpan.FromMilliseconds((1.2 + (4 * noise * noise)) * slow);
    }
}
