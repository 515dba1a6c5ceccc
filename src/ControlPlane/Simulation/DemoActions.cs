using System.Globalization;
using ControlPlane.Clusters;

namespace ControlPlane.Simulation;

/// <summary>The buttons of a demo cluster: each makes one trouble and says in a sentence what was done; restore undoes all of it.</summary>
internal sealed class DemoActions(SimulatedKafka kafka)
{
    private static readonly CultureInfo Text = CultureInfo.InvariantCulture;

    /// <summary>Throws <see cref="ArgumentException"/> where the broker or group doesn't exist.</summary>
    public string Apply(DemoAction action) => action.Kind switch
    {
        DemoActionKind.KillBroker => KillBroker(Broker(action)),
        DemoActionKind.SlowDisk => SlowDisk(Broker(action)),
        DemoActionKind.StopConsumer => StopConsumer(Group(action)),
        DemoActionKind.FillDisk => FillDisk(Broker(action)),
        DemoActionKind.Restore => Restore(),
        _ => throw new InvalidOperationException($"Unhandled demo action {action.Kind}"),
    };

    private string KillBroker(SimulatedBroker broker) => kafka.Kill(broker.Id)
        ? string.Create(Text, $"Broker {broker.Id} ({broker.Host}) was killed. Its connections broke; the controller fences it when its session of {BrokerLives.SessionTimeout.TotalSeconds} s times out, then its leaders move.")
        : string.Create(Text, $"Broker {broker.Id} ({broker.Host}) is down already; nothing was done.");

    private string SlowDisk(SimulatedBroker broker)
    {
        var dir = Array.FindIndex(broker.LogDirs, dir => dir.SlowBytesPerSecond is null && !dir.IsOffline);
        return dir >= 0 && kafka.SlowDisk(broker.Id, dir)
            ? string.Create(Text, $"The disk under {broker.LogDirs[dir].Path} of broker {broker.Id} became slow. Followers on it leave the ISR after {Replication.ReplicaLagTimeMax.TotalSeconds} s.")
            : string.Create(Text, $"Every disk of broker {broker.Id} is slow or failed already; nothing was done.");
    }

    private string FillDisk(SimulatedBroker broker)
    {
        var dir = Array.FindIndex(broker.LogDirs, dir => dir.FillingSince is null && !dir.IsOffline);
        if (dir < 0 || !kafka.FillDisk(broker.Id, dir))
        {
            return string.Create(Text, $"Every disk of broker {broker.Id} is full or failed already; nothing was done.");
        }

        var last = Array.FindAll(broker.LogDirs, other => other.FillingSince is null && !other.IsOffline).Length == 0;
        var then = last ? "then the broker halts, since it has no other" : "then Kafka takes it offline";
        return string.Create(Text, $"Something fills the disk under {broker.LogDirs[dir].Path} of broker {broker.Id}. It is full in {SimulatedKafka.FillTime.TotalSeconds} s; {then}.");
    }

    private string StopConsumer(SimulatedGroup group) => kafka.StopGroup(group.Spec.Id)
        ? string.Create(Text, $"All {group.Spec.Members.Length} members of group {group.Spec.Id} stopped. Its lag grows; the coordinator misses them after {SimulatedGroup.SessionTimeout.TotalSeconds} s.")
        : string.Create(Text, $"Group {group.Spec.Id} is stopped or just starting; nothing was done.");

    private string Restore()
    {
        var done = new List<string>();
        foreach (var broker in kafka.Brokers)
        {
            if (kafka.RepairDisks(broker.Id))
            {
                done.Add(string.Create(Text, $"disks of broker {broker.Id} repaired"));
            }

            for (var dir = 0; dir < broker.LogDirs.Length; dir++)
            {
                if (kafka.HealDisk(broker.Id, dir))
                {
                    done.Add(string.Create(Text, $"{broker.LogDirs[dir].Path} of broker {broker.Id} fast again"));
                }
            }

            if (kafka.Start(broker.Id) || kafka.Resume(broker.Id))
            {
                done.Add(string.Create(Text, $"broker {broker.Id} started"));
            }
        }

        done.AddRange(kafka.Groups.Where(group => kafka.StartGroup(group.Spec.Id)).Select(group => $"group {group.Spec.Id} started"));
        return done.Count == 0 ? "Nothing was broken; nothing was done." : $"Restored: {string.Join(", ", done)}. Leaders return to their preferred brokers within five minutes.";
    }

    private SimulatedBroker Broker(DemoAction action)
    {
        if (action.BrokerId is { } id)
        {
            return kafka.HasBroker(id)
                ? kafka.Broker(id)
                : throw new ArgumentException(string.Create(Text, $"The cluster has no broker {id}. Expected 1 to {kafka.Brokers.Count}; name one of them, or none to let the simulation pick."));
        }

        // The busiest healthy one, so that the trouble shows; the lowest id among equals.
        var partitions = kafka.World.Partitions;
        var led = new int[kafka.Brokers.Count + 1];
        for (var partition = 0; partition < partitions.Count; partition++)
        {
            led[Math.Max(0, partitions.Leader(partition))]++;
        }

        return kafka.Brokers.Where(broker => broker.Life == BrokerLife.Running).MaxBy(broker => led[broker.Id]) ?? kafka.Brokers[0];
    }

    private SimulatedGroup Group(DemoAction action)
    {
        if (action.Group is { } id)
        {
            return kafka.FindGroup(id)
                ?? throw new ArgumentException($"The cluster has no group '{id}'. Expected one of its {kafka.Groups.Count} groups, such as '{(kafka.Groups.Count > 0 ? kafka.Groups[0].Spec.Id : "none")}'; name one, or none to let the simulation pick.");
        }

        return kafka.Groups.Where(group => group.IsConsuming).MaxBy(group => group.Spec.Partitions.Sum(kafka.World.Log.MeanRate))
            ?? (kafka.Groups.Count > 0 ? kafka.Groups[0] : null)
            ?? throw new ArgumentException("The cluster has no consumer groups. Add a simulated cluster with groups above 0.");
    }
}
