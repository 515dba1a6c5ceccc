using System.Runtime.InteropServices;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Mends what bands can't express: racks, broker sets, topics crowded on a broker, topics with too few leaders (optimizer.md 5, phase 2).</summary>
internal sealed class RepairPhase(SearchContext search, Destinations destinations)
{
    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;

    /// <summary>Tells how many partitions are left as they were, because nobody can take their replica now.</summary>
    public int MendRacks()
    {
        var (racks, left) = (RackAwareGoal.LivingRacks(_placement), 0);
        for (var partition = 0; partition < search.Problem.Partitions && !search.IsCut; partition++)
        {
            for (var tries = _arrays.Start[partition + 1] - _arrays.Start[partition]; tries > 0 && IsBroken(partition, racks) && search.Problem.IsMovable[partition]; tries--)
            {
                if (!MendOne(partition, racks))
                {
                    left++;
                    break;
                }
            }
        }

        return left;
    }

    public void MendTopics()
    {
        for (var topic = 0; topic < _arrays.Topics && !search.IsCut; topic++)
        {
            var (start, end) = _placement.Counts.SlotsOf(topic);
            if (end - start > _placement.Bands.TopicUpper[topic])
            {
                Thin(topic, start, end);
            }

            if (_placement.Bands.TopicLower[topic] > 0)
            {
                Fatten(topic, start, end);
            }
        }
    }

    public void MendLeaders()
    {
        for (var topic = 0; topic < _arrays.MinLeaders.Length && !search.IsCut; topic++)
        {
            for (var broker = 0; _arrays.MinLeaders[topic] > 0 && broker < search.Problem.Nowhere; broker++)
            {
                for (var tries = _arrays.MinLeaders[topic]; tries > 0 && _arrays.CanLead[broker] && LeadersOf(topic, broker) < _arrays.MinLeaders[topic]; tries--)
                {
                    if (!LeadHere(topic, broker) && !BringLeader(topic, broker))
                    {
                        break;
                    }
                }
            }
        }
    }

    private bool IsBroken(int partition, int racks)
    {
        var replicas = _placement.Current.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]);
        return RackSpread.Uneven(_arrays.Rack, replicas, racks) > 0 || IsStray(partition) >= 0;
    }

    private int IsStray(int partition)
    {
        for (var slot = _arrays.Start[partition]; _arrays.BrokerSet.Length > 0 && slot < _arrays.Start[partition + 1]; slot++)
        {
            if (_arrays.BrokerSet[_placement.Current[slot]] != _arrays.TopicSet[_arrays.Topic[partition]])
            {
                return slot;
            }
        }

        return -1;
    }

    /// <summary>Of all replicas that crowd a rack, the one whose best move costs least. The leader only where no other has a place, but in a rebalance: that evens leadership anyway, and moving it may spare bytes.</summary>
    private bool MendOne(int partition, int racks)
    {
        var (start, end) = (_arrays.Start[partition], _arrays.Start[partition + 1]);
        var (floor, stray) = ((end - start) / Math.Max(1, racks), IsStray(partition));
        var (best, to, cost, leaderLast) = (-1, -1, double.PositiveInfinity, search.Problem.Wish.Mode != OptimizerMode.Rebalance);
        for (var slot = start; slot < end; slot++)
        {
            if (leaderLast && best >= 0 && _placement.Leads(slot))
            {
                continue;
            }

            if ((stray < 0 || slot == stray) && (stray >= 0 || search.InRack(slot, _placement.Current[slot]) + 1 > Math.Max(1, floor)) && !search.IsLost(slot))
            {
                var place = destinations.Find(slot, Urgency.Wanted);
                var score = place < 0 ? 0 : _placement.MoveDelta(slot, place);
                (best, to, cost) = place >= 0 && (score < cost || (leaderLast && best >= 0 && _placement.Leads(best))) ? (slot, place, score) : (best, to, cost);
            }
        }

        if (best < 0)
        {
            return false;
        }

        search.Move(best, to);
        return true;
    }

    /// <summary>Each replica on a crowded broker is priced once; the cheapest go until the broker is no longer crowded.</summary>
    private void Thin(int topic, int start, int end)
    {
        var (scores, slots, places) = (new List<double>(), new List<int>(), new Dictionary<int, int>());
        var small = 0.05 / Math.Max(1, search.MovePrice);
        for (var slot = start; slot < end; slot++)
        {
            if (_placement.Counts[topic, _placement.Current[slot]] > _placement.Bands.TopicUpper[topic] && search.IsMovable(slot)
                && destinations.Find(slot, Urgency.None) is var to && to >= 0)
            {
                scores.Add(_placement.MoveDelta(slot, to) + (small * Math.Max(0, search.BytesDelta(slot, to))));
                slots.Add(slot);
                places[slot] = to;
            }
        }

        RankSort.AscendingThenItems(CollectionsMarshal.AsSpan(scores), CollectionsMarshal.AsSpan(slots));
        foreach (var slot in slots)
        {
            if (_placement.Counts[topic, _placement.Current[slot]] <= _placement.Bands.TopicUpper[topic])
            {
                continue;
            }

            var to = search.IsFeasible(slot, places[slot]) ? places[slot] : destinations.Find(slot, Urgency.None);
            if (to >= 0)
            {
                search.Move(slot, to);
            }
        }
    }

    private void Fatten(int topic, int start, int end)
    {
        for (var broker = 0; broker < search.Problem.Nowhere; broker++)
        {
            while (_arrays.CanReceive[broker] && _placement.Counts[topic, broker] < _placement.Bands.TopicLower[topic])
            {
                var (best, cost) = (-1, double.PositiveInfinity);
                for (var slot = start; slot < end; slot++)
                {
                    if (search.IsMovable(slot) && search.IsFeasible(slot, broker) && _placement.MoveDelta(slot, broker) is var delta && delta < cost)
                    {
                        (best, cost) = (slot, delta);
                    }
                }

                if (best < 0)
                {
                    break;
                }

                search.Move(best, broker);
            }
        }
    }

    private int LeadersOf(int topic, int broker) => MinTopicLeadersPerBrokerGoal.LeadersOf(_placement, topic)[broker];

    private bool LeadHere(int topic, int broker)
    {
        var (start, end) = _placement.Counts.SlotsOf(topic);
        var (best, cost) = (-1, double.PositiveInfinity);
        for (var slot = start; slot < end; slot++)
        {
            if (_placement.Current[slot] == broker && !_placement.Leads(slot) && search.MayLead(slot) && _placement.LeadDelta(_placement.Part[slot], slot) is var delta && delta < cost)
            {
                (best, cost) = (slot, delta);
            }
        }

        if (best < 0)
        {
            return false;
        }

        _placement.TransferLeadership(_placement.Part[best], best);
        return true;
    }

    private bool BringLeader(int topic, int broker)
    {
        var (start, end) = _placement.Counts.SlotsOf(topic);
        var (best, cost) = (-1, double.PositiveInfinity);
        for (var slot = start; slot < end; slot++)
        {
            if (_placement.Leads(slot) && search.IsMovable(slot) && search.IsFeasible(slot, broker) && _placement.MoveDelta(slot, broker) is var delta && delta < cost)
            {
                (best, cost) = (slot, delta);
            }
        }

        if (best < 0)
        {
            return false;
        }

        search.Move(best, broker);
        return true;
    }
}
