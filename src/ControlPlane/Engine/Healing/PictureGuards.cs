using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Healing;

/// <summary>Whether the picture of the cluster is good enough to act on, and what it must show.</summary>
internal static class PictureGuards
{
    /// <summary>A sample older than so many of its intervals tells nothing of now.</summary>
    private const int FreshIntervals = 3;

    private static readonly (SampleKind Kind, string What)[] Needed =
    [
        (SampleKind.Liveness, "The brokers' answers were"), (SampleKind.Topology, "Brokers and partitions were"),
        (SampleKind.Quorum, "The controller was"), (SampleKind.Reassignments, "The reassignments were"),
    ];

    public static IEnumerable<Guard> Ask(HealingInput input)
    {
        yield return Fresh(input);
        yield return Controller(input);
        yield return ReallyDown(input);
        yield return FewDown(input);
        yield return Steady(input);
        yield return Complete(input); // after what may explain it: of a broker that just came back no sizes are known
        yield return NoReassignment(input);
    }

    private static Guard Fresh(HealingInput input)
    {
        const string name = "picture-fresh";
        if (input.Model is not { } model)
        {
            return new(name, null, "There is no picture of the cluster yet.");
        }

        foreach (var (kind, what) in Needed)
        {
            if (AgeOf(model, kind, input.Now) is not { } age)
            {
                return new(name, null, $"{what} never read.");
            }

            if (!IsFresh(model, kind, input.Now))
            {
                return new(name, false, $"{what} read {Words.Span(age)} ago for the last time.");
            }
        }

        return new(name, true, $"Brokers, partitions, controller and reassignments were read within {FreshIntervals} of their intervals.");
    }

    /// <summary>Of the living brokers: a dead one can't tell anything, and that is what the healing is about.</summary>
    private static Guard Complete(HealingInput input)
    {
        const string name = "picture-complete";
        if (input.Model is not { } model || model.Partitions.ReplicaCount == 0 || model.Load.ReplicaBytes.Length != model.Partitions.ReplicaCount)
        {
            return new(name, null, "How complete the picture is, is unknown: partitions or their sizes were never read.");
        }

        var isGone = model.Brokers.Select(IsGone).ToArray();
        var (living, answering, replicas, sized) = (0, 0, 0, 0);
        for (var i = 0; i < model.Brokers.Length; i++)
        {
            living += isGone[i] ? 0 : 1;
            answering += model.Brokers[i].State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown ? 1 : 0;
        }

        for (var slot = 0; slot < model.Partitions.ReplicaCount; slot++)
        {
            if (!isGone[model.Partitions.ReplicaBroker[slot]])
            {
                replicas++;
                sized += model.Load.ReplicaBytes[slot] >= 0 ? 1 : 0;
            }
        }

        if (living == 0 || replicas == 0)
        {
            return new(name, null, "How complete the picture is, is unknown: no broker that lives holds a replica.");
        }

        var share = Math.Min((double)answering / living, (double)sized / replicas);
        var numbers = $"{answering} of {Words.Count(living, "broker")} not known to be down answer, the size of {Words.Percent((double)sized / replicas)} of their replicas is known";
        return share >= input.Policy.MinCompleteness
            ? new(name, true, $"Completeness is {Words.Percent(share)}, at least {Words.Percent(input.Policy.MinCompleteness)}: {numbers}.")
            : new(name, false, $"Completeness is {Words.Percent(share)}, less than {Words.Percent(input.Policy.MinCompleteness)}: {numbers}.");
    }

    private static Guard Controller(HealingInput input)
    {
        const string name = "controller";
        return input.Model is not { } model || !IsFresh(model, SampleKind.Quorum, input.Now)
            ? new(name, null, "Whether the cluster has a controller is unknown: it was not read recently.")
            : model.Controller.ActiveId is { } id
            ? new(name, true, $"The cluster has a controller: {id}.")
            : new(name, false, "The cluster has no controller.");
    }

    private static Guard ReallyDown(HealingInput input)
    {
        const string name = "broker-down-for-certain";
        if (input.Model is not { } model || !IsFresh(model, SampleKind.Topology, input.Now) || input.Anomaly.Last.BrokerId is not { } id || model.FindBroker(id) is not (>= 0 and var index))
        {
            return new(name, null, "Whether the broker is really down is unknown: the controller's view of it was not read recently.");
        }

        var broker = model.Brokers[index];
        if (!IsGone(broker))
        {
            return broker.State is BrokerState.Unknown
                ? new(name, null, $"What became of broker {id} is unknown: {broker.Evidence}.")
                : new(name, false, $"Broker {id} is {broker.State}: {broker.Evidence}.");
        }

        return broker.IsFenced switch
        {
            true => new(name, true, $"Broker {id} does not answer, and the controller has fenced it."),
            false => new(name, false, $"Broker {id} can't be reached from here, but the controller has not fenced it: it still gets its heartbeats."),
            null => Unlisted(model, id, index),
        };
    }

    /// <summary>Where the cluster does not tell of fencing: a broker that its controller lost leads nothing and is in sync with nobody.</summary>
    private static Guard Unlisted(ClusterModel model, int id, int index)
    {
        var table = model.Partitions;
        var (leads, inSync) = (table.Leader.AsSpan().Count(index), 0);
        for (var partition = 0; partition < table.PartitionCount; partition++)
        {
            var replicas = table.ReplicasOf(partition);
            var flags = table.FlagsOf(partition);
            var slot = replicas.IndexOf(index);
            // The last one in sync stays in the ISR for good, dead or not.
            inSync += slot >= 0 && replicas.Length > 1 && flags[slot].Has(ReplicaFlags.InSync) && CountInSync(flags) > 1 ? 1 : 0;
        }

        return leads == 0 && inSync == 0
            ? new("broker-down-for-certain", true, $"Broker {id} does not answer, and the cluster has taken its leaderships and its ISR memberships from it.")
            : new("broker-down-for-certain", false, $"Broker {id} can't be reached from here, but for the cluster it still leads {Words.Count(leads, "partition")} and is in sync in {Words.Count(inSync, "partition")}.");
    }

    private static int CountInSync(ReadOnlySpan<ReplicaFlags> flags)
    {
        var count = 0;
        foreach (var flag in flags)
        {
            count += flag.Has(ReplicaFlags.InSync) ? 1 : 0;
        }

        return count;
    }

    private static Guard FewDown(HealingInput input)
    {
        const string name = "brokers-down";
        if (input.Model is not { } model || !IsFresh(model, SampleKind.Liveness, input.Now))
        {
            return new(name, null, "How many brokers are down is unknown: they were not asked recently.");
        }

        var down = model.Brokers.Where(IsGone).Select(broker => broker.Id).ToArray();
        var numbers = down.Length == 0 ? "No broker is down" : $"{Words.Count(down.Length, "broker")} of {model.Brokers.Length} {(down.Length == 1 ? "is" : "are")} down ({Words.Brokers(down)})";
        return down.Length <= input.Policy.MaxBrokersDown
            ? new(name, true, $"{numbers}, at most {input.Policy.MaxBrokersDown} may be.")
            : new(name, false, $"{numbers}, more than {input.Policy.MaxBrokersDown}: that looks like a trouble of more than a broker.");
    }

    private static Guard Steady(HealingInput input)
    {
        const string name = "brokers-steady";
        if (input.Model is not { } model || !IsFresh(model, SampleKind.Liveness, input.Now))
        {
            return new(name, null, "Whether a broker is starting or stopping is unknown: they were not asked recently.");
        }

        var moving = model.Brokers.Where(broker => broker.State is BrokerState.Starting or BrokerState.Restarting or BrokerState.ShuttingDown).ToArray();
        if (moving.Length > 0)
        {
            return new(name, false, $"Broker {moving[0].Id} is {moving[0].State}{(moving.Length > 1 ? $", and {moving.Length - 1} more are starting or stopping" : "")}: somebody may be at work.");
        }

        var unknown = model.Brokers.Where(broker => broker.State is BrokerState.Unknown).Select(broker => broker.Id).ToArray();
        return unknown.Length > 0
            ? new(name, null, $"What {Words.Brokers(unknown)} {(unknown.Length == 1 ? "does" : "do")} is unknown.")
            : new(name, true, "No broker is starting, restarting or shutting down.");
    }

    private static Guard NoReassignment(HealingInput input)
    {
        const string name = "no-reassignment";
        return input.Model is not { Reassigning: { } running } model || !IsFresh(model, SampleKind.Reassignments, input.Now)
            ? new(name, null, "Whether a reassignment runs is unknown: the cluster did not list them recently.")
            : running.IsEmpty
            ? new(name, true, "No reassignment is running.")
            : new(name, false, $"A reassignment of {Words.Count(running.Length, "partition")} is running.");
    }

    private static bool IsGone(Broker broker) => broker.State is BrokerState.Down or BrokerState.Unresponsive;

    private static TimeSpan? AgeOf(ClusterModel model, SampleKind kind, DateTimeOffset now) =>
        model.Samples.FirstOrDefault(sample => sample.Kind == kind)?.LastSuccess is { } success ? now - success : null;

    private static bool IsFresh(ClusterModel model, SampleKind kind, DateTimeOffset now) =>
        model.Samples.FirstOrDefault(sample => sample.Kind == kind) is { LastSuccess: { } success } sample && now - success <= FreshIntervals * sample.Interval;
}
