namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Rounds of small improvements: the worst brokers propose on a frozen state, thirty-two at a time, then what still holds is done in order.
/// So the plan is the same on one thread and on many (optimizer.md 5, phase 4).
/// </summary>
internal sealed class BalancePhase
{
    private const int Chunk = 32;

    /// <summary>After so many steps the emptiest brokers are others than they were.</summary>
    private const int SortEvery = 1024;
    private const int MostStuck = 6;
    private const int MostRounds = 150;
    private const int MostSlow = 6;
    private const int MostSlowAtLast = 24;

    /// <summary>After so many rounds that gain little, single steps have done what they can.</summary>
    private const int SlowEnough = 3;
    private const int MostReplicas = 256;
    private const int MostDestinations = 128;

    private readonly SearchContext _search;
    private readonly Placement _placement;
    private readonly LeaderDescent _leaders;
    private readonly Levels _levels;
    private readonly Proposer[] _proposers;
    private readonly Proposal[] _proposals = new Proposal[Chunk * Proposer.MostSteps];
    private readonly int[] _counts = new int[Chunk];
    private readonly int _threads;

    public BalancePhase(SearchContext search, LeaderDescent leaders)
    {
        (_search, _placement, _leaders) = (search, search.Placement, leaders);
        _levels = new Levels(_placement);
        _proposers = [.. Enumerable.Range(0, Chunk).Select(_ => new Proposer(search, _levels))];
        _threads = search.Problem.Wish.Threads;
    }

    /// <summary>Goes on until every goal is met, or no effort helps any more.</summary>
    /// <param name="tell">After each round: its number and the cost.</param>
    /// <param name="isLast">No trim comes after it: what single steps can't do is done by exchanges, which copy more, sooner than given up.</param>
    public void Run(Action<int, double> tell, bool isLast)
    {
        var effort = new Effort(0, 8, 12, Passes: false, IsStuck: false);
        var (stuck, slow, cost) = (0, 0, _placement.Cost());
        while (cost > SearchContext.Epsilon && effort.Round < MostRounds && stuck <= MostStuck && slow < (isLast ? MostSlowAtLast : MostSlow) && !_search.IsCut)
        {
            Round(effort);
            _leaders.Run(effort.IsStuck ? LeaderDescent.Thorough : 2);
            var after = _placement.Cost();
            var gain = (cost - after) / cost;
            if (gain < 1e-6)
            {
                // Exchanges first, as wide as before; only where they don't help either is it worth to look further.
                var wider = effort.IsStuck ? 2 : 1;
                stuck++;
                effort = effort with { Replicas = Math.Min(MostReplicas, effort.Replicas * wider), Destinations = Math.Min(MostDestinations, effort.Destinations * wider), IsStuck = true };
            }
            else if (gain > 0.01)
            {
                (stuck, slow) = (0, 0);
                effort = effort with { Replicas = 8, Destinations = 12, IsStuck = isLast && effort.IsStuck };
            }

            slow = gain < 0.01 ? slow + 1 : 0;
            effort = effort with { Passes = effort.Passes || effort.IsStuck || gain < 0.2 };
            effort = isLast && slow >= SlowEnough ? effort with { IsStuck = true } : effort;
            (cost, effort) = (after, effort with { Round = effort.Round + 1 });
            tell(effort.Round, cost);
        }
    }

    private void Round(Effort effort)
    {
        _levels.Sort(_search.Problem.Wish.Threads);
        var worst = _search.WorstFirst(broker => _placement.PenaltyWithHost(broker) > SearchContext.Epsilon && _placement.Arrays.Alive[broker]);
        var done = 0;
        for (var start = 0; start < worst.Length && !_search.IsCut; start += Chunk)
        {
            var count = Math.Min(Chunk, worst.Length - start);
            Propose(worst.AsMemory(start, count), start, effort);
            done += Commit(count);
            if (done >= SortEvery)
            {
                _levels.Sort(_search.Problem.Wish.Threads);
                done = 0;
            }
        }
    }

    private void Propose(ReadOnlyMemory<int> brokers, int rank, Effort effort)
    {
        Workers.For(brokers.Length, brokers.Length < 4 ? 1 : _threads, i => ProposeOne(i, brokers.Span[i], rank + i, effort));
    }

    private void ProposeOne(int place, int broker, int rank, Effort effort)
    {
        var steps = _proposers[place].Propose(broker, rank, effort);
        steps.CopyTo(_proposals.AsSpan(place * Proposer.MostSteps));
        _counts[place] = steps.Length;
    }

    private int Commit(int count)
    {
        var done = 0;
        for (var place = 0; place < count; place++)
        {
            foreach (var proposal in _proposals.AsSpan(place * Proposer.MostSteps, _counts[place]))
            {
                Do(proposal);
                done++;
            }
        }

        return done;
    }

    /// <summary>Others were done since it was proposed: it must still be allowed, and gain at least half of what it promised.</summary>
    private void Do(in Proposal proposal)
    {
        if (_placement.Current[proposal.Slot] != proposal.From && proposal.Kind is not (ProposalKind.Exchange or ProposalKind.Pass))
        {
            return;
        }

        var least = Math.Min(-SearchContext.Epsilon, proposal.Delta / 2);
        var partition = _placement.Part[proposal.Slot];
        switch (proposal.Kind)
        {
            case ProposalKind.Move when _placement.MoveDelta(proposal.Slot, proposal.Other) <= least && _search.IsFeasible(proposal.Slot, proposal.Other):
                _search.Move(proposal.Slot, proposal.Other);
                break;
            case ProposalKind.Lead when _placement.LeadDelta(partition, proposal.Slot) <= least && _search.MayLead(proposal.Slot):
                _placement.TransferLeadership(partition, proposal.Slot);
                break;
            case ProposalKind.Swap when _placement.SwapDelta(proposal.Slot, proposal.Other) <= least && _search.MaySwap(proposal.Slot, proposal.Other):
                _search.Swap(proposal.Slot, proposal.Other);
                break;
            case ProposalKind.Exchange:
                Exchange(proposal, partition, least);
                break;
            case ProposalKind.Pass:
                Pass(proposal, partition, least);
                break;
        }
    }

    /// <summary>What it gains is known when both are done: partners may share a host, or be one.</summary>
    private void Pass(in Proposal proposal, int given, double least)
    {
        var (lead, taken) = (_placement.Lead[given], _placement.Part[proposal.Other]);
        if (lead < 0 || _placement.Current[lead] != proposal.From || _placement.Current[proposal.Other] != proposal.From || !_search.MayLead(proposal.Slot))
        {
            return;
        }

        var delta = _placement.LeadDelta(given, proposal.Slot);
        _placement.TransferLeadership(given, proposal.Slot);
        if (delta + _placement.LeadDelta(taken, proposal.Other) <= least && _search.MayLead(proposal.Other))
        {
            _placement.TransferLeadership(taken, proposal.Other);
        }
        else
        {
            _placement.TransferLeadership(given, lead);
        }
    }

    private void Exchange(in Proposal proposal, int partition, double least)
    {
        var other = _placement.Part[proposal.Other];
        var (lead, otherLead) = (_placement.Lead[partition], _placement.Lead[other]);
        if (_placement.Current[lead] != _placement.Current[proposal.Other] || _placement.Current[otherLead] != _placement.Current[proposal.Slot])
        {
            return;
        }

        var delta = _placement.LeadExchangeDelta(partition, other, _placement.Current[lead], _placement.Current[otherLead]);
        if (delta <= least && _search.MayLead(proposal.Slot) && _search.MayLead(proposal.Other))
        {
            _placement.TransferLeadership(partition, proposal.Slot);
            _placement.TransferLeadership(other, proposal.Other);
        }
    }
}
