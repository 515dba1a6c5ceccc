using System.Globalization;

namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>Counts every goal anew by Cruise Control's formulas (cruise-control.md 2.3 and 2.4) and compares with what the plan says.</summary>
internal sealed class GoalRecount(OptimizerModel model, OptimizerWish wish, VerifiedRoles roles, VerifiedState before)
{
    private readonly BandRecount _bands = new(model, wish, roles, before);

    private readonly Dictionary<string, Tally?> _before = [];

    /// <summary>What there is to count without a plan; it can be counted beside the search.</summary>
    public void CountBefore()
    {
        foreach (var goal in wish.Mode == OptimizerMode.ReplicationFactor ? [] : wish.Goals.IsEmpty ? GoalCatalog.Default.Select(goal => goal.Name) : wish.Goals)
        {
            _before[goal] = Count(goal, before);
        }
    }

    public IEnumerable<string> Check(OptimizerResult result, VerifiedState after)
    {
        var isFactored = wish.Mode == OptimizerMode.ReplicationFactor;
        foreach (var goal in result.Goals)
        {
            // With a new replication factor the totals that soft bands follow are those of the new lists, which only the plan's end has.
            if (!isFactored && Before(goal.Goal) is { } was && Differs(goal.ViolatedBefore, goal.DistanceBefore, was) is { } wrongBefore)
            {
                yield return $"{goal.Goal} before: {wrongBefore}";
            }

            if ((!isFactored || (goal.IsHard && result.Outcome == OutcomeKind.Ok)) && Count(goal.Goal, after) is { } now && Differs(goal.ViolatedAfter, goal.DistanceAfter, now) is { } wrongAfter)
            {
                yield return $"{goal.Goal} after: {wrongAfter}";
            }
        }
    }

    private Tally? Before(string goal) => _before.TryGetValue(goal, out var counted) ? counted : Count(goal, before);

    private static string? Differs(int violated, double distance, Tally tally)
    {
        if (violated < tally.Least || violated > tally.Most)
        {
            return $"it says {violated} outside, counted anew they are {(tally.Least == tally.Most ? tally.Least : $"{tally.Least} to {tally.Most}")}.";
        }

        return tally.Least == tally.Most && Math.Abs(distance - tally.Distance) > 1e-6 * Math.Max(1, tally.Distance)
            ? string.Create(CultureInfo.InvariantCulture, $"it says a distance of {distance:0.######}, counted anew it is {tally.Distance:0.######}.")
            : null;
    }

    /// <summary>Null: the goal is not counted by bands that can be told from here.</summary>
    private Tally? Count(string goal, VerifiedState state) => goal switch
    {
        "RackAwareGoal" => Partitions(state, Shared),
        "RackAwareDistributionGoal" => roles.LivingRacks == 0 ? Tally.None : Partitions(state, Uneven),
        "BrokerSetAwareGoal" => Partitions(state, Strays),
        "MinTopicLeadersPerBrokerGoal" => MinLeaders(state),
        "ReplicaCapacityGoal" => Hard(state, Lane.Replicas),
        "DiskCapacityGoal" => Hard(state, Lane.Disk),
        "NetworkInboundCapacityGoal" => Hard(state, Lane.BytesIn),
        "NetworkOutboundCapacityGoal" => Hard(state, Lane.BytesOut),
        "CpuCapacityGoal" => Hard(state, Lane.Cpu),
        "ReplicaDistributionGoal" => _bands.Counts(state, Lane.Replicas),
        "LeaderReplicaDistributionGoal" => _bands.Counts(state, Lane.Leaders),
        "DiskUsageDistributionGoal" => _bands.Usage(state, Lane.Disk),
        "NetworkInboundUsageDistributionGoal" => wish.Bands.CountNetwork ? _bands.Usage(state, Lane.BytesIn) : null,
        "NetworkOutboundUsageDistributionGoal" => wish.Bands.CountNetwork ? _bands.Usage(state, Lane.BytesOut) : null,
        "CpuUsageDistributionGoal" => _bands.Usage(state, Lane.Cpu),
        "PotentialNwOutGoal" => wish.Bands.CountNetwork ? _bands.PotentialOut(state) : null,
        "LeaderBytesInDistributionGoal" => wish.Bands.CountNetwork ? _bands.LeaderBytesIn(state) : null,
        "TopicReplicaDistributionGoal" => Topics(state),
        _ => null,
    };

    private Tally Partitions(VerifiedState state, Func<VerifiedState, int, int> surplus)
    {
        var (count, sum) = (0, 0);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var extra = surplus(state, partition);
            (count, sum) = (count + (extra > 0 ? 1 : 0), sum + extra);
        }

        return new Tally(count, count, sum);
    }

    private int Shared(VerifiedState state, int partition)
    {
        var replicas = state.ReplicasOf(partition);
        var surplus = 0;
        for (var place = 1; place < replicas.Length; place++)
        {
            for (var other = 0; other < place; other++)
            {
                if (roles.Rack[replicas[place]] == roles.Rack[replicas[other]])
                {
                    surplus++;
                    break;
                }
            }
        }

        return surplus;
    }

    private int Uneven(VerifiedState state, int partition)
    {
        var replicas = state.ReplicasOf(partition);
        if (replicas.Length <= roles.LivingRacks)
        {
            return Shared(state, partition);
        }

        var counts = replicas.ToArray().GroupBy(broker => roles.Rack[broker]).Select(rack => rack.Count).ToArray();
        var (floor, spare) = (replicas.Length / roles.LivingRacks, replicas.Length % roles.LivingRacks);
        return Math.Max(counts.Sum(count => Math.Max(0, count - floor - 1)), counts.Sum(count => Math.Max(0, count - floor)) - spare);
    }

    private int Strays(VerifiedState state, int partition)
    {
        var strays = 0;
        foreach (var broker in state.ReplicasOf(partition))
        {
            strays += roles.Sets.Length > 0 && roles.Sets[broker] != roles.TopicSets[model.Topic[partition]] ? 1 : 0;
        }

        return strays;
    }

    private Tally MinLeaders(VerifiedState state)
    {
        var (count, missing, leading) = (0, 0, Math.Max(1, roles.CanLead.Count(may => may)));
        for (var partition = 0; partition < model.Partitions;)
        {
            var (topic, first) = (model.Topic[partition], partition);
            var leaders = roles.IsMinLed[topic] ? new int[model.Brokers] : [];
            for (; partition < model.Partitions && model.Topic[partition] == topic; partition++)
            {
                if (leaders.Length > 0 && state.LeaderOf(partition) >= 0)
                {
                    leaders[state.LeaderOf(partition)]++;
                }
            }

            var least = wish.MinLeaders > 0 ? wish.MinLeaders : (partition - first) / leading;
            for (var broker = 0; broker < leaders.Length; broker++)
            {
                var few = roles.CanLead[broker] ? Math.Max(0, least - leaders[broker]) : 0;
                (count, missing) = (count + (few > 0 ? 1 : 0), missing + few);
            }
        }

        return new Tally(count, count, missing);
    }

    private Tally Hard(VerifiedState state, int lane)
    {
        var tally = Tally.None;
        for (var row = 0; row < state.Rows; row++)
        {
            var limit = state.LimitOf(row, lane, wish.Bands);
            if (double.IsFinite(limit) && (row < model.Brokers ? roles.Alive[row] : state.Hosts[row - model.Brokers].Any(broker => roles.Alive[broker])))
            {
                tally = tally.With(state.Load[(row * Lane.Count) + lane], 0, limit, Math.Max(limit, double.Epsilon));
            }
        }

        return tally;
    }

    private Tally Topics(VerifiedState state)
    {
        var (count, distance, held) = (0, 0.0, new int[model.Brokers]);
        var (holders, all) = (new List<int>(), Enumerable.Range(0, model.Brokers).ToList());
        for (var partition = 0; partition < model.Partitions;)
        {
            holders.Clear();
            var (topic, replicas) = (model.Topic[partition], 0);
            for (; partition < model.Partitions && model.Topic[partition] == topic; partition++)
            {
                foreach (var broker in state.ReplicasOf(partition))
                {
                    if (held[broker]++ == 0)
                    {
                        holders.Add(broker);
                    }

                    replicas++;
                }
            }

            // Who holds nothing can only be under a lower edge, which only very large topics have.
            var (low, high) = TopicBand(topic, replicas);
            foreach (var broker in low > 0 ? all : holders)
            {
                var (over, under) = (held[broker] - high, low - held[broker]);
                if (over > 0 && roles.Alive[broker])
                {
                    (count, distance) = (count + 1, distance + (over / (double)high));
                }
                else if (under > 0 && roles.CanReceive[broker] && IsOfSet(broker, topic))
                {
                    (count, distance) = (count + 1, distance + (under / (double)low));
                }
            }

            holders.ForEach(broker => held[broker] = 0);
        }

        return new Tally(count, count, distance);
    }

    private bool IsOfSet(int broker, int topic) => roles.Sets.Length == 0 || roles.Sets[broker] == roles.TopicSets[topic];

    private (int Low, int High) TopicBand(int topic, int replicas)
    {
        var receivers = roles.Sets.Length == 0 ? _bands.Receivers : Enumerable.Range(0, model.Brokers).Count(broker => roles.CanReceive[broker] && IsOfSet(broker, topic));
        if (_bands.Receivers == 0)
        {
            return (0, int.MaxValue);
        }

        var mean = receivers == 0 ? replicas : (double)replicas / receivers;
        var (floor, ceiling) = ((int)Math.Floor(mean), (int)Math.Ceiling(mean));
        var high = Math.Clamp((int)Math.Ceiling(mean * (1 + wish.Bands.TopicSpread)), ceiling + wish.Bands.TopicMinGap, ceiling + wish.Bands.TopicMaxGap);
        var low = (int)Math.Floor(mean * Math.Max(0, 1 - wish.Bands.TopicSpread));
        return (Math.Clamp(low, Math.Max(0, floor - wish.Bands.TopicMaxGap), Math.Max(0, floor - wish.Bands.TopicMinGap)), high);
    }
}
