using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Leadership passed on: a broker gives the lead of one partition to whom it suits and takes that of another from whom it suits, so that the
/// difference of the two is what it needs. Copies nothing, and finds what no single transfer and no exchange with one partner can: a broker
/// that may not lead more and has too little traffic from what it leads. Every pair of both is looked at.
/// </summary>
internal sealed class PassFinder(SearchContext search)
{
    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;
    private Half[] _gives = new Half[512];
    private Half[] _takes = new Half[512];

    public void Find(int broker, Shortlist steps)
    {
        var most = _placement.PenaltyWithHost(broker);
        var (gives, takes) = Collect(broker, most);
        var own = new LeadBands(_placement, broker);
        for (var t = 0; t < takes; t++)
        {
            ref readonly var take = ref _takes[t];
            for (var g = 0; g < gives; g++)
            {
                ref readonly var give = ref _gives[g];
                var partners = give.Delta + take.Delta;
                if (partners < most && own.Delta(take.Extra - give.Extra) + partners is var delta && delta < -SearchContext.Epsilon && -delta > steps.Worst)
                {
                    steps.Add(new(ProposalKind.Pass, give.Slot, take.Slot, broker, delta, -delta));
                }
            }
        }
    }

    /// <summary>What may be given and taken at a price below what the broker can gain.</summary>
    private (int Gives, int Takes) Collect(int broker, double most)
    {
        var replicas = _placement.ReplicasOf(broker);
        if (_takes.Length < replicas.Length)
        {
            (_gives, _takes) = (new Half[replicas.Length * 2], new Half[replicas.Length * 2]);
        }

        var (gives, takes) = (0, 0);
        foreach (var slot in replicas)
        {
            var partition = _placement.PartOf(slot);
            var lead = _placement.Lead[partition];
            if (lead < 0 || !search.Problem.IsMovable[partition])
            {
                continue;
            }

            if (lead != slot)
            {
                Keep(slot, Partner(_placement.Current[lead], partition, -1), most, _takes, ref takes);
                continue;
            }

            var (best, least) = (-1, most);
            for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
            {
                if (other != slot && _arrays.CanLead[_placement.Current[other]] && Partner(_placement.Current[other], partition, 1) is var delta && delta < least)
                {
                    (best, least) = (other, delta);
                }
            }

            Keep(best, least, most, _gives, ref gives);
        }

        return (gives, takes);
    }

    private void Keep(int slot, double delta, double most, Half[] halves, ref int count)
    {
        if (slot >= 0 && delta < most && search.MayLead(slot))
        {
            halves[count++] = new Half(slot, delta, _arrays.Loads.Leading(_placement.WeightOfSlot(slot)));
        }
    }

    /// <summary>What it costs a partner and its host to lead a partition, or no longer to.</summary>
    private double Partner(int broker, int partition, int sign)
    {
        var extra = _arrays.Loads.Leading(ReplicaLoads.WeightOf(partition, leads: true)) * sign;
        var delta = new LeadBands(_placement, broker).Delta(extra);
        return _placement.Hosts.RowOf[broker] is >= 0 and var host ? delta + new LeadBands(_placement, host).Delta(extra) : delta;
    }

    /// <summary>One of the two transfers.</summary>
    /// <param name="Slot">Who leads then.</param>
    /// <param name="Delta">What that costs the partner.</param>
    /// <param name="Extra">What leading the partition adds.</param>
    private readonly record struct Half(int Slot, double Delta, Vector256<double> Extra);
}
