namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>
/// The soft bands, drawn anew. They follow the totals of the cluster as it is found, around the mean of all brokers. Where racks are uneven no
/// plan can hold more than one copy of everything in one, so the share of large racks is capped there and the others take the rest; whom that
/// takes out of the band around the mean has one around its own share.
/// </summary>
internal sealed class BandRecount
{
    private readonly OptimizerModel _model;
    private readonly OptimizerWish _wish;
    private readonly VerifiedRoles _roles;
    private readonly VerifiedState _start;
    private readonly Dictionary<int, (double[] Own, double[] Mean)?> _targets = [];

    public BandRecount(OptimizerModel model, OptimizerWish wish, VerifiedRoles roles, VerifiedState start)
    {
        (_model, _wish, _roles, _start) = (model, wish, roles, start);
        Receivers = roles.CanReceive.Count(may => may);
    }

    public int Receivers { get; }

    public Tally? Counts(VerifiedState state, int lane)
    {
        if (TargetsOf(lane) is not { } targets)
        {
            return null;
        }

        var (tally, spread) = (Tally.None, _wish.Bands.Spread);
        for (var broker = 0; broker < _model.Brokers; broker++)
        {
            if (!_roles.Alive[broker] || !(targets.Own[broker] > 0))
            {
                continue;
            }

            // Where floor or ceil stand on the edge, rounding decides: both readings pass.
            var isMeanHeld = targets.Own[broker] >= Math.Floor((targets.Mean[broker] * Math.Max(0, 1 - spread)) + 1e-7) && targets.Own[broker] <= Math.Ceiling((targets.Mean[broker] * (1 + spread)) - 1e-7);
            var centre = isMeanHeld ? targets.Mean[broker] : targets.Own[broker];
            var (low, high) = (centre * Math.Max(0, 1 - spread), centre * (1 + spread));
            var limit = _start.LimitOf(broker, lane, _wish.Bands);
            var wide = Tally.None.With(state.Load[(broker * Lane.Count) + lane], LowerEdge(broker, [broker], lane, Math.Floor(low - 1e-7)), Math.Min(limit, Math.Ceiling(high + 1e-7)), targets.Own[broker]);
            var narrow = Tally.None.With(state.Load[(broker * Lane.Count) + lane], LowerEdge(broker, [broker], lane, Math.Floor(low + 1e-7)), Math.Min(limit, Math.Ceiling(high - 1e-7)), targets.Own[broker]);
            tally = new(tally.Least + wide.Least, tally.Most + narrow.Most, tally.Distance + narrow.Distance);
        }

        return tally;
    }

    public Tally? Usage(VerifiedState state, int lane)
    {
        if (TargetsOf(lane) is not { } targets)
        {
            return null;
        }

        var capacity = Enumerable.Range(0, _model.Brokers).Where(broker => _roles.CanReceive[broker]).Sum(broker => _model.Capacity[(broker * 4) + lane]);
        var isIdle = capacity > 0 && _start.Total(lane) / capacity <= _wish.Bands.LowUtilisation;
        var tally = Tally.None;
        for (var row = 0; row < state.Rows; row++)
        {
            int[] members = row < _model.Brokers ? [row] : state.Hosts[row - _model.Brokers];
            var isShared = lane != Lane.Disk && row < _model.Brokers && state.HostOf[row] >= 0;
            if (isShared || (lane == Lane.Disk && row >= _model.Brokers) || (row < _model.Brokers && !_roles.Alive[row]))
            {
                continue;
            }

            var target = members.Where(broker => _roles.Alive[broker]).Sum(broker => targets.Own[broker]);
            var mean = members.Where(broker => _roles.Alive[broker]).Sum(broker => targets.Mean[broker]);
            var centre = IsWithin(target, mean, _wish.Bands.Spread) ? mean : target;
            var high = centre * (1 + _wish.Bands.Spread);
            var low = isIdle ? 0 : LowerEdge(row, members.Where(broker => _roles.Alive[broker]), lane, centre * Math.Max(0, 1 - _wish.Bands.Spread));
            var idle = state.CapacityOf(row, lane) * _wish.Bands.LowUtilisation * 0.9;
            high = Math.Min(isIdle && idle > high ? idle : high, state.LimitOf(row, lane, _wish.Bands));
            tally = target > 0 ? tally.With(state.Load[(row * Lane.Count) + lane], low, high, target) : Limited(tally, state, row, lane);
        }

        return tally;
    }

    /// <summary>A broker set without topics has no share: nothing but the limit holds for what still lies there.</summary>
    private Tally Limited(Tally tally, VerifiedState state, int row, int lane)
    {
        var limit = state.LimitOf(row, lane, _wish.Bands);
        return _roles.Sets.Length > 0 && double.IsFinite(limit) ? tally.With(state.Load[(row * Lane.Count) + lane], 0, limit, state.CapacityOf(row, lane)) : tally;
    }

    /// <summary>Held to the limit; where its share of all replicas alone is more, to that share.</summary>
    public Tally? PotentialOut(VerifiedState state)
    {
        var capacity = Enumerable.Range(0, _model.Brokers).Where(broker => _roles.CanReceive[broker]).Sum(broker => _model.Capacity[(broker * 4) + Lane.BytesOut]);
        if (!(capacity > 0) || TargetsOf(Lane.PotentialBytesOut) is not { } targets)
        {
            return null;
        }

        var tally = Tally.None;
        for (var broker = 0; broker < _model.Brokers; broker++)
        {
            // What a rack has to hold whoever leads can't be asked of it.
            var own = _model.Capacity[(broker * 4) + Lane.BytesOut] * _wish.Bands.NetworkLimit;
            var high = targets.Own[broker] > own ? targets.Own[broker] * (1 + _wish.Bands.Spread) : own;
            tally = _roles.Alive[broker] && own > 0 ? tally.With(state.Load[(broker * Lane.Count) + Lane.PotentialBytesOut], 0, high, own) : tally;
        }

        return tally;
    }

    public Tally? LeaderBytesIn(VerifiedState state)
    {
        var (alive, leading) = (_roles.Alive.Count(lives => lives), _roles.CanLead.Count(may => may));
        var total = _start.Total(Lane.LeaderBytesIn);
        if (leading == 0 || !(total > 0))
        {
            return leading == 0 ? null : Tally.None;
        }

        var (mean, slack, tally) = (total / Math.Max(1, Receivers), _wish.Bands.LeaderBytesInSpread, Tally.None);
        var high = (total / leading <= mean * (1 + slack) ? mean : total / leading) * (1 + slack);
        for (var broker = 0; broker < _model.Brokers; broker++)
        {
            tally = _roles.Alive[broker] ? tally.With(state.Load[(broker * Lane.Count) + Lane.LeaderBytesIn], 0, high, total / alive) : tally;
        }

        return tally;
    }

    /// <summary>
    /// Who can't receive can't be asked to carry more, nor who can't lead where leading makes the load; who only is no destination is asked to
    /// keep what it had.
    /// </summary>
    private double LowerEdge(int row, int[] members, int lane, double low)
    {
        var isLed = lane is Lane.Cpu or Lane.BytesOut or Lane.Leaders;
        return members.Any(broker => !_roles.CanReceive[broker] || (isLed && !_roles.CanLead[broker])) ? 0
            : lane == Lane.Leaders || members.All(broker => _roles.IsDestination[broker]) ? low
            : Math.Min(low, _start.Load[(row * Lane.Count) + lane]);
    }

    private static bool IsWithin(double own, double mean, double spread) => own >= mean * Math.Max(0, 1 - spread) && own <= mean * (1 + spread);

    private (double[] Own, double[] Mean)? TargetsOf(int lane)
    {
        if (!_targets.TryGetValue(lane, out var targets))
        {
            _targets[lane] = targets = Targets(lane);
        }

        return targets;
    }

    private (double[] Own, double[] Mean)? Targets(int lane)
    {
        var receivers = Enumerable.Range(0, _model.Brokers).Where(broker => lane == Lane.Leaders ? _roles.CanLead[broker] : _roles.CanReceive[broker]).ToArray();
        if (receivers.Length == 0)
        {
            return null;
        }

        var resource = lane <= Lane.Disk ? lane : lane == Lane.PotentialBytesOut ? Lane.BytesOut : -1;
        var isKnown = resource >= 0 && receivers.All(broker => _model.Capacity[(broker * 4) + resource] > 0);
        double ShareOf(int broker) => isKnown ? _model.Capacity[(broker * 4) + resource] : 1;
        var (targets, means) = (new double[_model.Brokers], new double[_model.Brokers]);
        foreach (var set in receivers.GroupBy(broker => _roles.Sets.Length == 0 ? -1 : _roles.Sets[broker]))
        {
            var racks = set.GroupBy(broker => _roles.Rack[broker]).Select(rack => (Brokers: rack.ToArray(), Share: rack.Sum(ShareOf))).ToArray();
            var amounts = Amounts(lane, set.Key, [.. racks.Select(rack => rack.Share)]);
            var holders = lane != Lane.Leaders ? set.Sum(ShareOf) : Enumerable.Range(0, _model.Brokers).Count(broker => _roles.CanReceive[broker] && (set.Key < 0 || _roles.Sets[broker] == set.Key));
            var total = Carried(lane, set.Key);
            for (var rack = 0; rack < racks.Length; rack++)
            {
                foreach (var broker in racks[rack].Brokers)
                {
                    targets[broker] = amounts[rack] * ShareOf(broker) / racks[rack].Share;
                    means[broker] = total * ShareOf(broker) / Math.Max(1e-300, holders);
                }
            }
        }

        // Who may not receive may carry as much as its like.
        var (mean, even) = (receivers.Sum(broker => targets[broker]) / receivers.Sum(ShareOf), receivers.Sum(broker => means[broker]) / receivers.Sum(ShareOf));
        foreach (var broker in Enumerable.Range(0, _model.Brokers).Where(broker => _roles.Alive[broker] && !(targets[broker] > 0) && (_roles.Sets.Length == 0 || !receivers.Contains(broker))))
        {
            var own = resource >= 0 ? _model.Capacity[(broker * 4) + resource] : double.NaN;
            var share = !receivers.Contains(broker) && own > 0 && receivers.Any(one => ShareOf(one) > 1) ? own : receivers.Contains(broker) ? ShareOf(broker) : 1;
            (targets[broker], means[broker]) = (mean * share, even * share);
        }

        return (targets, means);
    }

    /// <summary>What all brokers, or those of a set, carry together at the start.</summary>
    private double Carried(int lane, int set)
    {
        var total = 0.0;
        for (var partition = 0; partition < _model.Partitions; partition++)
        {
            var follow = VerifiedState.LoadOf(_model, partition, lane, false);
            total += set >= 0 && _roles.TopicSets[_model.Topic[partition]] != set ? 0
                : (_model.ReplicasOf(partition) * follow) + (_model.Lead[partition] >= 0 ? VerifiedState.LoadOf(_model, partition, lane, true) - follow : 0);
        }

        return total;
    }

    /// <summary>What each rack shall carry in all.</summary>
    private double[] Amounts(int lane, int set, double[] shares)
    {
        var (total, copy, followers) = (0.0, 0.0, 0.0);
        for (var partition = 0; partition < _model.Partitions; partition++)
        {
            if (set >= 0 && _roles.TopicSets[_model.Topic[partition]] != set)
            {
                continue;
            }

            var (replicas, racks) = (_model.ReplicasOf(partition), Math.Max(1, _roles.LivingRacks));
            var (lead, follow) = (VerifiedState.LoadOf(_model, partition, lane, true), VerifiedState.LoadOf(_model, partition, lane, false));
            copy += (replicas + racks - 1) / racks * follow;
            followers += replicas * follow;
            total += (replicas * follow) + (_model.Lead[partition] >= 0 ? lead - follow : 0);
        }

        var even = shares.Select(share => total * share / shares.Sum()).ToArray();
        if (lane is Lane.BytesIn or Lane.Disk or Lane.Replicas or Lane.PotentialBytesOut)
        {
            return Capped(shares, copy, total);
        }

        var bottom = lane == Lane.Cpu ? Capped(shares, copy, followers) : even;
        return lane != Lane.Cpu || bottom.Zip(even).All(rack => rack.First <= rack.Second) ? even : Topped(shares, bottom, total - followers);
    }

    /// <summary>Shares in proportion, none above the cap: the smallest level at which all is placed.</summary>
    private static double[] Capped(double[] shares, double cap, double total)
    {
        // Racks reach the cap in order of their share, the largest first.
        var order = Enumerable.Range(0, shares.Length);
        Array.Sort(order, (one, other) => shares[one] != shares[other] ? shares[other].CompareTo(shares[one]) : one.CompareTo(other));
        var (amounts, left, open) = (new double[shares.Length], total, shares.Sum());
        foreach (var rack in order)
        {
            amounts[rack] = Math.Min(cap, open > 0 ? left * shares[rack] / open : 0);
            (left, open) = (left - amounts[rack], open - shares[rack]);
        }

        return amounts;
    }

    /// <summary>Raises the lowest first until the extra is used up.</summary>
    private static double[] Topped(double[] shares, double[] bottom, double extra)
    {
        var (low, high) = (0.0, (bottom.Sum() + extra) / shares.Min());
        for (var step = 0; step < 200; step++)
        {
            var middle = (low + high) / 2;
            var used = bottom.Zip(shares).Sum(rack => Math.Max(0, (middle * rack.Second) - rack.First));
            (low, high) = used < extra ? (middle, high) : (low, middle);
        }

        return [.. bottom.Zip(shares).Select(rack => Math.Max(rack.First, high * rack.Second))];
    }
}
