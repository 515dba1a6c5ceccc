namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Gives each replica a log dir inside its broker, after the brokers are settled: new copies and what leaves a removed dir go where most room
/// is; where asked for, dirs are evened by moves and by swaps. Brokers don't depend on each other here (optimizer.md 11, JBOD).
/// </summary>
internal sealed class DirPhase(OptimizerProblem problem, Placement placement, DirPlacement dirs)
{
    private const int MostSteps = 10_000;
    private const double Even = 1e-9;

    /// <summary>Replicas for which no log dir of their broker has room.</summary>
    public List<int> Homeless { get; } = [];

    public void Run()
    {
        for (var broker = 0; broker < problem.Nowhere; broker++)
        {
            Settle(broker);
            if (problem.Wish.Mode == OptimizerMode.DiskBalance && IsChosen(broker))
            {
                Balance(broker);
            }
        }
    }

    private bool IsChosen(int broker) => problem.Wish.Brokers.IsEmpty || problem.Wish.Brokers.Contains(problem.Model.BrokerIds[broker]);

    /// <summary>The largest first: what comes last then fills the gaps.</summary>
    private void Settle(int broker)
    {
        var model = problem.Model;
        if (model.DirStart[broker] == model.DirStart[broker + 1])
        {
            return;
        }

        var arrivals = new List<int>();
        foreach (var slot in placement.ReplicasOf(broker))
        {
            var isNew = placement.Current[slot] != problem.Arrays.Current[slot];
            if (isNew || (dirs.Dir[slot] >= 0 && !dirs.MayTake(dirs.Dir[slot]) && model.DirAlive[dirs.Dir[slot]]))
            {
                arrivals.Add(slot);
            }
        }

        foreach (var slot in arrivals.OrderByDescending(dirs.SizeOf).ThenBy(slot => slot))
        {
            var best = Emptiest(broker, dirs.SizeOf(slot));
            if (best < 0)
            {
                Homeless.Add(slot);
            }

            if (best >= 0 || placement.Current[slot] != problem.Arrays.Current[slot])
            {
                dirs.Put(slot, best);
            }
        }
    }

    private int Emptiest(int broker, double size)
    {
        var (best, level) = (-1, double.PositiveInfinity);
        for (var dir = problem.Model.DirStart[broker]; dir < problem.Model.DirStart[broker + 1]; dir++)
        {
            var after = (dirs.Load[dir] + size) / dirs.ShareOf(broker, dir);
            if (dirs.MayTake(dir) && dirs.Load[dir] + size <= dirs.LimitOf(dir) && after < level)
            {
                (best, level) = (dir, after);
            }
        }

        return best;
    }

    private void Balance(int broker)
    {
        var bins = Enumerable.Range(problem.Model.DirStart[broker], problem.Model.DirStart[broker + 1] - problem.Model.DirStart[broker]).Where(dirs.MayTake).ToArray();
        var slots = placement.ReplicasOf(broker).ToArray().Where(slot => dirs.Dir[slot] >= 0 && dirs.MayTake(dirs.Dir[slot]) && problem.IsMovable[placement.Part[slot]]).Order().ToArray();
        var mean = dirs.Utilisation(broker);
        for (var step = 0; step < MostSteps && bins.Length > 1 && mean > 0; step++)
        {
            if (!Improve(broker, bins, slots, mean))
            {
                return;
            }
        }
    }

    /// <summary>The move or swap that gains most per byte between the dir furthest outside its band and any other.</summary>
    private bool Improve(int broker, int[] bins, int[] slots, double mean)
    {
        var worst = bins.MaxBy(dir => (Cost(broker, dir, mean, 0), -dir));
        if (Cost(broker, worst, mean, 0) <= Even)
        {
            return false;
        }

        var (best, slot, other, to) = (0.0, -1, -1, -1);
        foreach (var one in slots)
        {
            var at = dirs.Dir[one];
            foreach (var bin in at == worst ? bins : [worst])
            {
                var size = dirs.SizeOf(one);
                var gain = bin == at ? 0 : Gain(broker, at, bin, size, mean);
                var score = gain / (size + 1);
                if (gain > Even && score > best && dirs.Load[bin] + size <= dirs.LimitOf(bin))
                {
                    (best, slot, other, to) = (score, one, -1, bin);
                }
            }
        }

        if (slot < 0)
        {
            (slot, other) = BestSwap(broker, worst, slots, mean);
            to = slot < 0 ? -1 : dirs.Dir[other];
        }

        if (slot < 0)
        {
            return false;
        }

        var from = dirs.Dir[slot];
        dirs.Put(slot, to);
        if (other >= 0)
        {
            dirs.Put(other, from);
        }

        return true;
    }

    private (int Slot, int Other) BestSwap(int broker, int worst, int[] slots, double mean)
    {
        var (best, pair) = (0.0, (-1, -1));
        foreach (var mine in slots.Where(slot => dirs.Dir[slot] == worst))
        {
            foreach (var theirs in slots)
            {
                var (at, difference) = (dirs.Dir[theirs], dirs.SizeOf(mine) - dirs.SizeOf(theirs));
                if (at == worst || difference == 0 || dirs.Load[at] + difference > dirs.LimitOf(at) || dirs.Load[worst] - difference > dirs.LimitOf(worst))
                {
                    continue;
                }

                var gain = Gain(broker, worst, at, difference, mean);
                var score = gain / (dirs.SizeOf(mine) + dirs.SizeOf(theirs) + 1);
                (best, pair) = gain > Even && score > best ? (score, (mine, theirs)) : (best, pair);
            }
        }

        return pair;
    }

    private double Gain(int broker, int from, int to, double size, double mean) =>
        Cost(broker, from, mean, 0) + Cost(broker, to, mean, 0) - Cost(broker, from, mean, -size) - Cost(broker, to, mean, size);

    /// <summary>The objective of brokers, for one dir: the distance from its band and its square, relative to the target.</summary>
    private double Cost(int broker, int dir, double mean, double change)
    {
        var target = mean * dirs.ShareOf(broker, dir);
        var outside = Math.Abs(dirs.Load[dir] + change - target) - (target * dirs.Settings.InnerSpread);
        return outside <= 0 ? 0 : (outside / target) + (4 * outside * outside / (target * target));
    }
}
