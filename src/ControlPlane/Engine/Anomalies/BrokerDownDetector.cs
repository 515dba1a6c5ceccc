using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>
/// A broker that is down or does not answer. Not one that was shut down in a controlled way and is expected back: that becomes
/// Down by itself when its grace has passed.
/// </summary>
public sealed class BrokerDownDetector : IDetector
{
    public const string Name = "broker-down";

    public string Kind => Name;

    /// <summary>
    /// Longer than the controller usually needs to fence a dead broker (9 s). Its word is proof, and with it the loss shows in the partitions: then
    /// nobody waits longer.
    /// </summary>
    public TimeSpan Hold => TimeSpan.FromSeconds(15);

    /// <summary>A broker in a crash loop answers for some seconds in between.</summary>
    public TimeSpan Clear => TimeSpan.FromSeconds(20);

    public Verdict Detect(DetectorInput input)
    {
        var model = input.Model;
        if (input.WhyNotFresh(SampleKind.Liveness, "the brokers' answers") is { } stale)
        {
            return Verdict.Suspended(stale);
        }

        if (!model.Brokers.Any(IsAnswering))
        {
            return Verdict.Suspended("no broker of the cluster answers, so a dead broker can't be told from a cluster that can't be reached");
        }

        var detections = ImmutableArray.CreateBuilder<Detection>();
        var unjudged = ImmutableArray.CreateBuilder<Unjudged>();
        foreach (var broker in model.Brokers)
        {
            switch (broker.State)
            {
                case BrokerState.Down or BrokerState.Unresponsive:
                    detections.Add(Report(input, broker));
                    break;
                case BrokerState.Unknown:
                    unjudged.Add(new Unjudged(Words.Subject(broker.Id), $"what became of the broker is not known: {broker.Evidence}"));
                    break;
                case BrokerState.Starting:
                    // Neither down nor back: in a crash loop it comes as far as this each time.
                    unjudged.Add(new Unjudged(Words.Subject(broker.Id), "the broker answers again, but the controller has not admitted it yet"));
                    break;
                default:
                    break;
            }
        }

        return new Verdict(detections.ToImmutable(), unjudged.ToImmutable());
    }

    private static bool IsAnswering(Broker broker) => broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown;

    private static Detection Report(DetectorInput input, Broker broker)
    {
        var key = new AnomalyKey(Name, Words.Subject(broker.Id));
        var staleTopology = input.WhyNotFresh(SampleKind.Topology, "the partitions");
        var blast = staleTopology is null ? Blast(input, broker) : BlastRadius.Unknown;
        var hurts = blast.Offline > 0 || blast.UnderMinInSync > 0;
        var severity = hurts ? Severity.Critical : staleTopology is null ? Severity.Error : input.Known(key)?.Last.Severity ?? Severity.Error;
        var what = broker.State is BrokerState.Down ? "is down" : "does not answer";
        return new Detection(key, severity, $"{Words.Named(broker)} {what}: {Words.Reach(blast)}.", broker.Since ?? input.Now)
        {
            BrokerId = broker.Id,
            IsProven = broker.IsFenced is true && staleTopology is null,
            Evidence = Evidence(input, broker, staleTopology),
            Blast = blast,
        };
    }

    /// <summary>Partitions in trouble with a replica of this broker that is missing; offline ones also where it was the last in sync.</summary>
    private static BlastRadius Blast(DetectorInput input, Broker broker)
    {
        var table = input.Model.Partitions;
        var index = input.Model.FindBroker(broker.Id);
        return BlastRadiusOf.Partitions(input.Troubles, input.Troubles.Partitions.Where(partition =>
        {
            var slot = table.ReplicasOf(partition.Index).IndexOf(index);
            return slot >= 0 && (partition.State.IsOffline || !table.FlagsOf(partition.Index)[slot].Has(ReplicaFlags.InSync));
        }));
    }

    private static ImmutableArray<Evidence> Evidence(DetectorInput input, Broker broker, string? staleTopology)
    {
        var model = input.Model;
        var liveness = model.Samples.First(sample => sample.Kind == SampleKind.Liveness);
        var topology = model.Samples.FirstOrDefault(sample => sample.Kind == SampleKind.Topology);
        var evidence = ImmutableArray.CreateBuilder<Evidence>();
        evidence.Add(new Evidence("connection", broker.Evidence, liveness.LastSuccess));
        evidence.Add(new Evidence("controller", Fencing(broker), topology?.LastSuccess));
        if (broker.Host is not null)
        {
            evidence.Add(new Evidence("address", string.Create(CultureInfo.InvariantCulture, $"{broker.Host}:{broker.Port}"), null));
        }

        evidence.Add(new Evidence(
            "other brokers", $"{Words.Number(model.Brokers.Count(IsAnswering))} of {Words.Number(model.Brokers.Length)} brokers of the cluster answer", liveness.LastSuccess));
        if (staleTopology is not null)
        {
            evidence.Add(new Evidence("blast radius", $"not known: {staleTopology}", topology?.LastSuccess));
        }

        return evidence.ToImmutable();
    }

    private static string Fencing(Broker broker) => broker.IsFenced switch
    {
        true => "has fenced the broker: it sends no heartbeats",
        false => "has not fenced the broker (yet): it may still send heartbeats",
        null => "does not tell whether it has fenced the broker",
    };
}
