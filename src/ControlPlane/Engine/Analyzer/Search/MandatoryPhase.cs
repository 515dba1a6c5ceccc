namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// What has to be done whatever it costs: leadership leaves those who may not lead, and replicas that can't stay find a place
/// (optimizer.md 5, phase 1).
/// </summary>
internal sealed class MandatoryPhase(SearchContext search, Destinations destinations)
{
    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;
    private readonly bool _isRepair = search.Problem.Wish.Mode == OptimizerMode.FixOffline;
    private readonly Dictionary<int, string> _givenUp = [];
    private int _held;

    /// <summary>Slots that found no place, with the reason.</summary>
    public List<(int Slot, string Why)> Unplaced { get; } = [];

    /// <summary>Partitions whose leader can't be another, with the reason.</summary>
    public List<(int Partition, string Why)> Unled { get; } = [];

    /// <summary>Lost replicas that had to go where they crowd a rack.</summary>
    public int Crowded { get; private set; }

    public void Run()
    {
        for (var partition = 0; partition < search.Problem.Partitions; partition++)
        {
            if (!_isRepair || !search.Problem.Wish.MandatoryOnly || HasLost(partition))
            {
                MoveLeader(partition);
            }
        }

        if (_held > 0)
        {
            search.Problem.Notes.Add($"{PlanWords.Count(_held, "partition")} keep a leader on a demoted broker: they may not be changed (excluded, held or being reassigned).");
        }

        PlaceLost();
    }

    private bool HasLost(int partition) => search.Problem.MustMove.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).Contains(true);

    private void MoveLeader(int partition)
    {
        var lead = _placement.Lead[partition];
        var mustChange = lead < 0 || search.Problem.MustMove[lead] || search.Problem.IsDemoted[_placement.Current[lead]];
        var isHeld = search.Problem.IsInFlight(partition) || (lead >= 0 && !search.Problem.MustMove[lead] && !search.Problem.IsMovable[partition]);
        if (!mustChange || isHeld)
        {
            _held += mustChange ? 1 : 0;
            return;
        }

        var (best, cost) = (-1, double.PositiveInfinity);
        for (var slot = _arrays.Start[partition]; slot < _arrays.Start[partition + 1]; slot++)
        {
            if (slot != lead && _arrays.CanLead[_placement.Current[slot]] && !search.Problem.MayNotLead[slot] && _placement.LeadDelta(partition, slot) is var delta && delta < cost)
            {
                (best, cost) = (slot, delta);
            }
        }

        if (best >= 0)
        {
            _placement.TransferLeadership(partition, best);
        }
        else if (lead >= 0 && !search.Problem.MustMove[lead])
        {
            Unled.Add((partition, "every other replica is on a broker that may not lead, or out of sync; only moving a replica helps"));
        }
    }

    private void PlaceLost()
    {
        foreach (var slot in search.Problem.Stuck)
        {
            Unplaced.Add((slot, "the partition is being reassigned already; wait until that is done, or cancel it, and plan anew"));
        }

        var lost = new List<int>();
        for (var slot = 0; slot < search.Problem.MustMove.Length; slot++)
        {
            if (search.Problem.MustMove[slot])
            {
                lost.Add(slot);
                Lift(slot);
            }
        }

        // The largest first: small ones fit into what is left.
        var order = lost.ToArray();
        RankSort.AscendingThenItems(Array.ConvertAll(order, slot => -_placement.SizeOf(slot)), order);
        foreach (var slot in order)
        {
            Place(slot);
        }

        foreach (var (slot, _) in Unplaced)
        {
            if (_placement.Current[slot] == search.Problem.Nowhere)
            {
                _placement.Move(slot, _arrays.Current[slot]);
            }
        }
    }

    /// <summary>What lies on a failed log dir takes no room on its broker's other ones.</summary>
    private void Lift(int slot)
    {
        if (_arrays.Alive[_arrays.Current[slot]])
        {
            _placement.Move(slot, search.Problem.Nowhere);
        }
    }

    private void Place(int slot)
    {
        var partition = _placement.Part[slot];
        if (_givenUp.TryGetValue(partition, out var known))
        {
            Unplaced.Add((slot, known));
            return;
        }

        if (!HasSource(slot))
        {
            Unplaced.Add((slot, SurvivorsOf(partition) == 0
                ? "every replica of the partition is lost: there is nothing to copy from. Bring one of its brokers back"
                : "no surviving replica is in sync: the newest records are only on lost brokers, so there is nothing to copy from. Bring one of them back"));
            return;
        }

        var to = _isRepair ? destinations.FindForLost(slot) : destinations.Find(slot, Urgency.Forced);
        if (to >= 0)
        {
            Crowded += _isRepair && !search.KeepsRacks(slot, to) ? 1 : 0;
            search.Move(slot, to);
            return;
        }

        var why = !_isRepair ? "every broker that may receive holds a replica of the partition already, or would crowd a rack"
            : destinations.HasCandidate(slot) ? "no active broker without a replica of the partition has room for it"
            : "every active broker that may receive holds a replica of the partition already";
        Unplaced.Add((slot, why));
        if (_isRepair)
        {
            GiveUp(partition, why);
        }
    }

    /// <summary>Kafka ends a reassignment only when every member of the new list is in sync: with one lost replica left in it, it would go on for ever.</summary>
    private void GiveUp(int partition, string why)
    {
        _givenUp[partition] = why;
        _placement.TransferLeadership(partition, _arrays.Lead[partition]);
        for (var slot = _arrays.Start[partition]; slot < _arrays.Start[partition + 1]; slot++)
        {
            if (search.Problem.MustMove[slot] && _placement.Current[slot] != _arrays.Current[slot] && _placement.Current[slot] != search.Problem.Nowhere)
            {
                search.Move(slot, _arrays.Current[slot]);
                Lift(slot);
                Unplaced.Add((slot, why));
            }
        }
    }

    private int SurvivorsOf(int partition)
    {
        var survivors = 0;
        for (var slot = _arrays.Start[partition]; slot < _arrays.Start[partition + 1]; slot++)
        {
            survivors += search.Problem.MustMove[slot] ? 0 : 1;
        }

        return survivors;
    }

    /// <summary>
    /// A replica that lives and is in sync can be read from, be it on a broker that shall be emptied. With none in sync the newest records
    /// are only on what is lost, and replacing that would give them up.
    /// </summary>
    private bool HasSource(int slot)
    {
        var partition = _placement.Part[slot];
        for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
        {
            var model = search.Problem.ModelSlot[other];
            if (model >= 0 && search.Problem.Model.Conditions[search.Problem.Model.Broker[model]] != BrokerCondition.Dead && !IsUnusable(model))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsUnusable(int modelSlot)
    {
        var model = search.Problem.Model;
        var dir = model.Dir.Length == 0 ? -1 : model.Dir[modelSlot];
        return (model.Marks.Length > 0 && (model.Marks[modelSlot] & (ReplicaMarks.Offline | ReplicaMarks.OutOfSync)) != ReplicaMarks.None) || (dir >= 0 && !model.DirAlive[dir]);
    }
}
