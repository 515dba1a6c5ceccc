using System.Globalization;

namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>What a plan has to keep as a whole: limits, budgets, its own figures, room on disks at every step, and what it was made for.</summary>
internal sealed class LoadRules(OptimizerModel model, OptimizerWish wish, VerifiedRoles roles, OptimizerResult result, VerifiedState before, VerifiedState after)
{
    private const double Tolerance = 1e-6;

    /// <summary>Kafka-assigner mode knows replica lists and racks only; limits are reported there, not kept.</summary>
    public IEnumerable<string> Check() => [.. wish.Mode == OptimizerMode.KafkaAssigner ? [] : Limits(), .. Budgets(), .. Figures(), .. Disks(), .. Purpose()];

    /// <summary>Loads that came because something had to go somewhere are not the plan's choice; a limit that they break is reported as a goal.</summary>
    private List<string> Limits()
    {
        var forced = Forced();
        var total = Enumerable.Range(0, Lane.Count).Select(lane => Enumerable.Range(0, model.Brokers).Sum(broker => forced[(broker * Lane.Count) + lane])).ToArray();
        var problems = new List<string>();
        for (var row = 0; row < after.Rows; row++)
        {
            for (var lane = 0; lane < Lane.HardCount; lane++)
            {
                var at = (row * Lane.Count) + lane;
                var (limit, chosen) = (after.LimitOf(row, lane, wish.Bands), after.Load[at] - forced[at]);

                // Where a broker is above its limit already, what had to come may have stayed and something else have made room.
                var allowed = before.Load[at] > limit ? before.Load[at] + total[lane] : limit;
                if ((row >= model.Brokers || roles.Alive[row]) && !IsImpossible(lane) && chosen > (allowed * (1 + Tolerance)) + Tolerance)
                {
                    problems.Add(string.Create(CultureInfo.InvariantCulture, $"{RowName(row)} would carry {chosen:0.##} on {LaneName(lane)}, above its limit of {limit:0.##} and above what it carries now ({before.Load[at]:0.##})."));
                }
            }
        }

        return problems;
    }

    /// <summary>Where it is proven that a limit can't be held, the plan does its best by a higher one: all brokers are about equally above it.</summary>
    private bool IsImpossible(int lane) => result.Outcome == OutcomeKind.Infeasible && result.Proofs.Any(proof => lane switch
    {
        Lane.Cpu => proof.Constraint == "CpuCapacityGoal",
        Lane.BytesIn or Lane.BytesOut => proof.Constraint is "NetworkInboundCapacityGoal" or "NetworkOutboundCapacityGoal",
        Lane.Disk => proof.Constraint == "DiskCapacityGoal",
        _ => proof.Constraint == "ReplicaCapacityGoal",
    });

    private double[] Forced()
    {
        var forced = new double[after.Load.Length];
        foreach (var change in result.Changes)
        {
            // Any of its replicas may have had to lead for a while, so that others made room for it.
            var mustChange = change.LeaderBefore < 0 || roles.IsDemoted[change.LeaderBefore] || IsLostOn(change.Partition, change.LeaderBefore);
            var (hadToCome, mayHaveLed) = (MandatoryCopies(change) > 0, mustChange || IsLeaderDropped(change));
            foreach (var broker in change.After)
            {
                var isNew = !change.Before.AsSpan().Has(broker);
                if (isNew && hadToCome)
                {
                    Add(forced, broker, change.Partition, leads: mustChange || broker == change.LeaderAfter, false);
                }
                else if (!isNew && mayHaveLed)
                {
                    Add(forced, broker, change.Partition, leads: true, isDifference: true);
                }
            }
        }

        return forced;
    }

    private static bool IsLeaderDropped(PartitionChange change) => change.After.Length < change.Before.Length && !change.After.Contains(change.LeaderBefore);

    private void Add(double[] sums, int broker, int partition, bool leads, bool isDifference)
    {
        for (var lane = 0; lane < Lane.Count; lane++)
        {
            var load = VerifiedState.LoadOf(model, partition, lane, leads) - (isDifference ? VerifiedState.LoadOf(model, partition, lane, false) : 0);
            sums[(broker * Lane.Count) + lane] += load;
            if (after.HostOf[broker] >= 0)
            {
                sums[((model.Brokers + after.HostOf[broker]) * Lane.Count) + lane] += load;
            }
        }
    }

    private bool IsLostOn(int partition, int broker)
    {
        for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
        {
            if (model.Broker[slot] == broker && roles.IsLost(slot))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lost replicas that the new list has no longer.</summary>
    private int Replaced(PartitionChange change)
    {
        var replaced = 0;
        for (var slot = model.Start[change.Partition]; slot < model.Start[change.Partition + 1]; slot++)
        {
            replaced += roles.IsLost(slot) && !change.After.AsSpan().Has(model.Broker[slot]) ? 1 : 0;
        }

        return replaced;
    }

    /// <summary>Copies that had to be made: for replicas that can't stay and for a larger replication factor.</summary>
    private int MandatoryCopies(PartitionChange change)
    {
        return Math.Min(change.Copies, Replaced(change) + Math.Max(0, change.After.Length - change.Before.Length));
    }

    private IEnumerable<string> Budgets()
    {
        var (bytes, moves) = (0.0, 0);
        foreach (var change in result.Changes)
        {
            var voluntary = change.Copies - MandatoryCopies(change);
            (bytes, moves) = (bytes + (voluntary * SizeOf(change.Partition)), moves + voluntary);
        }

        if (wish.ByteBudget is { } most && bytes > (most * (1 + Tolerance)) + 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"It copies {bytes:0} bytes beyond what it must, the budget is {most}.");
        }

        if (wish.MoveBudget is { } count && moves > count)
        {
            yield return $"It moves {moves} replicas beyond what it must, the budget is {count}.";
        }
    }

    private IEnumerable<string> Figures()
    {
        var (bytes, moves, leaders) = (0.0, 0, 0);
        foreach (var change in result.Changes)
        {
            (bytes, moves) = (bytes + (change.Copies * SizeOf(change.Partition)), moves + change.Copies);
            leaders += change.LeaderAfter != change.LeaderBefore ? 1 : 0;
        }

        if (Math.Abs(bytes - result.Bytes) > Tolerance * Math.Max(1, bytes))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"It claims {result.Bytes:0} bytes, its changes copy {bytes:0}.");
        }

        if (moves != result.ReplicaMoves || leaders != result.LeaderMoves)
        {
            yield return $"It claims {result.ReplicaMoves} replica moves and {result.LeaderMoves} leader moves, its changes are {moves} and {leaders}.";
        }
    }

    /// <summary>In the order of execution a copy takes its room at once and its source is freed only when the change is done.</summary>
    private IEnumerable<string> Disks()
    {
        var held = Enumerable.Range(0, model.Brokers).Select(broker => before.Load[(broker * Lane.Count) + Lane.Disk]).ToArray();
        var reported = new HashSet<int>();
        TakeFailed(held);
        foreach (var change in result.Changes)
        {
            var size = SizeOf(change.Partition);
            foreach (var broker in change.After)
            {
                if (change.Before.AsSpan().Has(broker))
                {
                    continue;
                }

                held[broker] += size;

                // What must move may fill a disk above the limit where no order avoids it, but never above what it can hold.
                var capacity = model.Capacity[(broker * 4) + Lane.Disk];
                var isChosen = change.Class == MoveClass.Balance && MandatoryCopies(change) == 0;
                var share = isChosen && !IsImpossible(Lane.Disk) ? wish.Bands.DiskLimit : 1;
                var limit = (capacity * share) - model.DiskForeign[broker];
                if (size > 0 && held[broker] > (limit * (1 + Tolerance)) + Tolerance && reported.Add(broker))
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"While it runs, broker {model.BrokerIds[broker]} would hold {held[broker]:0} bytes, more than the {limit:0} that fit ({model.Topics[model.Topic[change.Partition]]}-{model.Number[change.Partition]} arrives before enough has left).");
                }
            }

            foreach (var broker in change.Before)
            {
                held[broker] -= change.After.AsSpan().Has(broker) || IsFailed(change.Partition, broker) ? 0 : size;
            }
        }
    }

    /// <summary>What lies on a failed log dir fills none of the broker's others.</summary>
    private void TakeFailed(double[] held)
    {
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                held[model.Broker[slot]] -= roles.IsLost(slot) && roles.Alive[model.Broker[slot]] ? SizeOf(partition) : 0;
            }
        }
    }

    private bool IsFailed(int partition, int broker) => roles.Alive[broker] && IsLostOn(partition, broker);

    /// <summary>A plan that says ok has done what it was made for.</summary>
    private IEnumerable<string> Purpose()
    {
        if (result.Outcome != OutcomeKind.Ok)
        {
            yield break;
        }

        if (wish.Mode is not (OptimizerMode.PreferredLeaders or OptimizerMode.DiskBalance or OptimizerMode.RemoveDirs) && Unreplaced() is var left && left > 0)
        {
            yield return $"It says ok, but {left} replicas on lost brokers or log dirs stay where they are.";
        }

        var wrong = 0;
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            wrong += roles.HasNewFactor[model.Topic[partition]] && !roles.IsReassigning(partition) && after.ReplicasOf(partition).Length != wish.ReplicationFactor ? 1 : 0;
        }

        if (wrong > 0)
        {
            yield return $"It says ok, but {wrong} partitions do not have {wish.ReplicationFactor} replicas.";
        }

        foreach (var limit in wish.Mode == OptimizerMode.MinimalRepair ? wish.Limits : [])
        {
            for (var broker = 0; broker < model.Brokers; broker++)
            {
                var isNamed = limit.Brokers.IsEmpty || limit.Brokers.Contains(model.BrokerIds[broker]);
                var most = MostOf(broker, limit);
                if (isNamed && roles.Alive[broker] && after.Load[(broker * Lane.Count) + limit.Lane] > (most * (1 + Tolerance)) + Tolerance)
                {
                    yield return $"It says ok, but broker {model.BrokerIds[broker]} is still above its limit on {LaneName(limit.Lane)}.";
                }
            }
        }
    }

    private int Unreplaced()
    {
        var left = 0;
        for (var slot = 0; slot < model.Slots; slot++)
        {
            left += roles.IsLost(slot) ? 1 : 0;
        }

        foreach (var change in result.Changes)
        {
            left -= Replaced(change);
        }

        return left;
    }

    /// <summary>Infinite where the capacity is unknown: nothing can be asked there.</summary>
    private double MostOf(int broker, RepairLimit limit)
    {
        if (limit.Lane is Lane.Replicas or Lane.Leaders)
        {
            return limit.Limit;
        }

        var lane = limit.Lane switch { Lane.LeaderBytesIn => Lane.BytesIn, Lane.PotentialBytesOut => Lane.BytesOut, var own => own };
        var most = (limit.Limit * model.Capacity[(broker * 4) + lane]) - (lane == Lane.Disk ? model.DiskForeign[broker] : 0);
        return double.IsNaN(most) ? double.PositiveInfinity : Math.Max(0, most);
    }

    private double SizeOf(int partition) => model.Loads[(partition * LoadOf.Count) + LoadOf.Size];

    private string RowName(int row) => row < model.Brokers ? $"Broker {model.BrokerIds[row]}" : $"Host {model.Hosts[after.Hosts[row - model.Brokers][0]]}";

    private static string LaneName(int lane) => lane switch
    {
        Lane.Cpu => "CPU",
        Lane.BytesIn => "bytes in",
        Lane.BytesOut => "bytes out",
        Lane.Disk => "disk",
        Lane.Replicas => "replicas",
        Lane.Leaders => "leaders",
        Lane.LeaderBytesIn => "leader bytes in",
        _ => "potential bytes out",
    };
}
