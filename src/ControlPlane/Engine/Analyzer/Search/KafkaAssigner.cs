namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Kafka-assigner mode: every place of the replica lists is spread evenly over the brokers, rack by rack, as the old tool of that name did;
/// then disks are evened by swaps at the same place, which keep all that. Who fits where he is stays.
/// </summary>
internal sealed class KafkaAssigner(OptimizerProblem problem, Placement placement, AssignerLists lists, CancellationToken cancellation)
{
    private const int Partners = 8;
    private const int MostSwaps = 20_000;

    public void Run()
    {
        var before = Array.ConvertAll(lists.Lists, list => (int[])list.Clone());
        for (var place = 0; place < lists.Places; place++)
        {
            Spread(place);
            Mend(place);
        }

        lists.KeepWhatGotWorse(before);
        EvenDisks();
        lists.KeepRacks(placement);
        Apply();
    }

    /// <summary>By partition the new list where it differs from the model's; the order counts.</summary>
    public Dictionary<int, int[]> Orders()
    {
        var orders = new Dictionary<int, int[]>();
        for (var partition = 0; partition < lists.Lists.Length; partition++)
        {
            var before = problem.Model.Broker.AsSpan(problem.Model.Start[partition]..problem.Model.Start[partition + 1]);
            if (lists.Lists[partition].Length > 0 && !before.SequenceEqual(lists.Lists[partition]))
            {
                orders[partition] = lists.Lists[partition];
            }
        }

        return orders;
    }

    private void Spread(int place)
    {
        var (total, eligible) = (lists.Lists.Count(list => list.Length > place), lists.Eligible(place));
        if (eligible.Length == 0)
        {
            return;
        }

        var (floor, extra) = (total / eligible.Length, total % eligible.Length);
        var counts = new int[problem.Arrays.Alive.Length];
        foreach (var (list, partition) in lists.Lists.Select((list, partition) => (list, partition)))
        {
            if (list.Length > place && !problem.IsMovable[partition])
            {
                Take(list[place]);
            }
        }

        var open = new List<int>();
        foreach (var (list, partition) in lists.Lists.Select((list, partition) => (list, partition)))
        {
            if (list.Length <= place || !problem.IsMovable[partition])
            {
                continue;
            }

            if (HasRoom(list[place]) && eligible.Contains(list[place]) && lists.MayStand(partition, place, list[place]) && lists.Fits(list.AsSpan(0, place), list[place], list.Length))
            {
                Take(list[place]);
            }
            else
            {
                open.Add(partition);
            }
        }

        foreach (var partition in open)
        {
            Put(partition, place, eligible, counts, HasRoom);
            Take(lists.Lists[partition][place]);
        }

        bool HasRoom(int broker) => counts[broker] < floor || (counts[broker] == floor && extra > 0);

        void Take(int broker)
        {
            extra -= counts[broker] >= floor ? 1 : 0;
            counts[broker]++;
        }
    }

    /// <summary>A later replica of the same list costs nothing; else the broker with the fewest at this place.</summary>
    private void Put(int partition, int place, int[] eligible, int[] counts, Func<int, bool> hasRoom)
    {
        var list = lists.Lists[partition];
        for (var later = place + 1; later < list.Length; later++)
        {
            if (hasRoom(list[later]) && eligible.Contains(list[later]) && lists.MayStand(partition, place, list[later]) && lists.Fits(list.AsSpan(0, place), list[later], list.Length))
            {
                (list[place], list[later]) = (list[later], list[place]);
                return;
            }
        }

        var best = -1;
        foreach (var broker in eligible)
        {
            if (lists.MayStand(partition, place, broker) && lists.Fits(list.AsSpan(0, place), broker, list.Length) && (best < 0 || counts[broker] < counts[best]))
            {
                best = broker;
            }
        }

        if (best < 0)
        {
            return;
        }

        var at = Array.IndexOf(list, best, place);
        if (at >= 0)
        {
            (list[place], list[at]) = (list[at], list[place]);
            return;
        }

        // The one that stood here may still serve at a later place, in the stead of one that does not fit there.
        list[place] = best;
    }

    /// <summary>The last few fit nowhere by racks: a broker with too many hands one to a broker with too few, directly or through a third.</summary>
    private void Mend(int place)
    {
        for (var tries = 2 * lists.Receivers.Length; tries > 0; tries--)
        {
            var counts = lists.CountsAt(place);
            var eligible = lists.Eligible(place);
            if (eligible.Length == 0)
            {
                return;
            }

            var most = eligible.MaxBy(broker => (counts[broker], -broker));
            var least = eligible.MinBy(broker => (counts[broker], broker));
            if (counts[most] - counts[least] <= 1 || (!Hand(place, most, least) && !HandThrough(place, most, least)))
            {
                return;
            }
        }
    }

    private bool HandThrough(int place, int from, int to)
    {
        foreach (var third in lists.Eligible(place))
        {
            if (third != from && third != to && CanHand(place, third, to) >= 0 && Hand(place, from, third))
            {
                return Hand(place, third, to);
            }
        }

        return false;
    }

    private bool Hand(int place, int from, int to)
    {
        var partition = CanHand(place, from, to);
        if (partition < 0)
        {
            return false;
        }

        lists.Lists[partition][place] = to;
        return true;
    }

    private int CanHand(int place, int from, int to)
    {
        for (var partition = 0; partition < lists.Lists.Length; partition++)
        {
            var list = lists.Lists[partition];
            if (list.Length > place && list[place] == from && problem.IsMovable[partition] && lists.MayStand(partition, place, to) && Fits(list, place, to))
            {
                return partition;
            }
        }

        return -1;
    }

    private void EvenDisks()
    {
        var disk = lists.Disk();
        var mean = lists.Receivers.Select(broker => disk[broker]).DefaultIfEmpty(0).Average();
        var band = mean * problem.Wish.Bands.InnerSpread;
        var stuck = new HashSet<int>();
        for (var swap = 0; swap < MostSwaps && !cancellation.IsCancellationRequested; swap++)
        {
            var worst = lists.Receivers.Where(broker => !stuck.Contains(broker) && Math.Abs(disk[broker] - mean) > band).OrderByDescending(broker => Math.Abs(disk[broker] - mean)).ThenBy(broker => broker).FirstOrDefault(-1);
            if (worst < 0)
            {
                return;
            }

            if (!Swap(worst, disk, mean))
            {
                stuck.Add(worst);
            }
        }
    }

    /// <summary>The swap at one place with an opposite broker that brings both nearest to the mean.</summary>
    private bool Swap(int worst, double[] disk, double mean)
    {
        var isOver = disk[worst] > mean;
        var partners = lists.Receivers.Where(broker => broker != worst).OrderBy(broker => isOver ? disk[broker] : -disk[broker]).ThenBy(broker => broker).Take(Partners);
        var mine = Held(worst);
        foreach (var partner in partners)
        {
            var theirs = Held(partner);
            var wanted = (disk[worst] - disk[partner]) / 2;
            var (best, one, other) = (Math.Abs(wanted) * 0.999, (-1, -1), (-1, -1));
            foreach (var (partition, place) in mine)
            {
                foreach (var (second, at) in theirs)
                {
                    var miss = Math.Abs(lists.SizeOf(partition) - lists.SizeOf(second) - wanted);
                    if (at == place && miss < best && MaySwap(partition, second, place))
                    {
                        (best, one, other) = (miss, (partition, place), (second, at));
                    }
                }
            }

            if (one.Item1 >= 0)
            {
                var change = lists.SizeOf(one.Item1) - lists.SizeOf(other.Item1);
                (lists.Lists[one.Item1][one.Item2], lists.Lists[other.Item1][other.Item2]) = (partner, worst);
                (disk[worst], disk[partner]) = (disk[worst] - change, disk[partner] + change);
                return true;
            }
        }

        return false;
    }

    private List<(int Partition, int Place)> Held(int broker)
    {
        var held = new List<(int, int)>();
        for (var partition = 0; partition < lists.Lists.Length; partition++)
        {
            var place = problem.IsMovable[partition] ? Array.IndexOf(lists.Lists[partition], broker) : -1;
            if (place >= 0)
            {
                held.Add((partition, place));
            }
        }

        return held;
    }

    private bool MaySwap(int one, int other, int place)
    {
        var (mine, theirs) = (lists.Lists[one], lists.Lists[other]);
        return one != other && lists.MayStand(one, place, theirs[place]) && lists.MayStand(other, place, mine[place])
            && Fits(mine, place, theirs[place]) && Fits(theirs, place, mine[place]);
    }

    private bool Fits(int[] list, int place, int broker)
    {
        Span<int> others = stackalloc int[list.Length];
        var count = 0;
        for (var at = 0; at < list.Length; at++)
        {
            if (at != place)
            {
                others[count++] = list[at];
            }
        }

        return lists.Fits(others[..count], broker, list.Length);
    }

    /// <summary>Brings the placement to the lists: who is in both stays in his slot.</summary>
    private void Apply()
    {
        foreach (var partition in Enumerable.Range(0, lists.Lists.Length).Where(partition => lists.Lists[partition].Length > 0))
        {
            Place(partition);
            Lead(partition);
        }
    }

    private void Place(int partition)
    {
        var (list, start, end) = (lists.Lists[partition], problem.Arrays.Start[partition], problem.Arrays.Start[partition + 1]);
        var missing = list.Where(broker => !placement.Holds(broker, partition)).ToList();

        // A new leader takes the slot of one that may lead: the copy of a lost one may not.
        var free = Enumerable.Range(start, end - start).Where(slot => !list.Contains(placement.Current[slot]))
            .OrderBy(slot => placement.Lead[partition] == slot ? 0 : problem.MayNotLead[slot] ? 2 : 1).ThenBy(slot => slot).ToList();
        foreach (var (slot, to) in free.Zip(missing))
        {
            placement.Move(slot, to);
        }
    }

    /// <summary>The first leads; where it can't, one that can becomes the first.</summary>
    private void Lead(int partition)
    {
        var (list, start) = (lists.Lists[partition], problem.Arrays.Start[partition]);
        foreach (var broker in (int[])list.Clone())
        {
            var slot = start + placement.Current.AsSpan(start..problem.Arrays.Start[partition + 1]).IndexOf(broker);
            var isFirst = broker == list[0];
            if (slot >= start && (placement.Lead[partition] == slot || !problem.MayNotLead[slot]) && (problem.Arrays.CanLead[broker] || !problem.IsMovable[partition]))
            {
                placement.TransferLeadership(partition, problem.IsMovable[partition] ? slot : placement.Lead[partition]);
                var at = isFirst ? 0 : Array.IndexOf(list, broker);
                (list[0], list[at]) = (list[at], list[0]);
                return;
            }
        }

        var leading = placement.Lead[partition] < 0 ? -1 : Array.IndexOf(list, placement.Current[placement.Lead[partition]]);
        if (leading > 0)
        {
            (list[0], list[leading]) = (list[leading], list[0]);
        }
    }
}
