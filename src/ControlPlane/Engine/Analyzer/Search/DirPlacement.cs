namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Which log dir holds each replica, and what lies on each: the second level below brokers (JBOD).</summary>
internal sealed class DirPlacement
{
    private readonly OptimizerProblem _problem;

    public DirPlacement(OptimizerProblem problem)
    {
        _problem = problem;
        (Dir, Load) = (new int[problem.ModelSlot.Length], new double[problem.Model.DirPaths.Length]);
        IsRemoved = new bool[Load.Length];
        for (var slot = 0; slot < Dir.Length; slot++)
        {
            Dir[slot] = HomeOf(slot);
            if (Dir[slot] >= 0)
            {
                Load[Dir[slot]] += SizeOf(slot);
            }
        }

        foreach (var (broker, path) in problem.Wish.Mode == OptimizerMode.RemoveDirs ? problem.Wish.Dirs : [])
        {
            var index = Array.IndexOf(problem.Model.BrokerIds, broker);
            for (var dir = problem.Model.DirStart[index]; dir < problem.Model.DirStart[index + 1]; dir++)
            {
                IsRemoved[dir] |= problem.Model.DirPaths[dir] == path;
            }
        }
    }

    /// <summary>By slot; -1: unknown, or Kafka chooses.</summary>
    public int[] Dir { get; }

    /// <summary>Bytes by dir.</summary>
    public double[] Load { get; }

    /// <summary>By dir whether it shall be emptied.</summary>
    public bool[] IsRemoved { get; }

    public OptimizerModel Model => _problem.Model;

    public BandSettings Settings => _problem.Wish.Bands;

    /// <summary>Where the model has the slot; -1: unknown or nowhere yet.</summary>
    public int HomeOf(int slot)
    {
        var model = _problem.ModelSlot[slot];
        return model < 0 || Model.Dir.Length == 0 ? -1 : Model.Dir[model];
    }

    public double SizeOf(int slot) => _problem.Arrays.Loads.SizeOf(PartitionOf(slot));

    public bool MayTake(int dir) => Model.DirAlive[dir] && !IsRemoved[dir];

    /// <summary>Bytes that a dir may hold; infinite where its capacity is unknown.</summary>
    public double LimitOf(int dir) => double.IsNaN(Model.DirCapacity[dir]) ? double.PositiveInfinity : Model.DirCapacity[dir] * Settings.DiskLimit;

    /// <summary>Capacity for comparing dirs of one broker; all alike where any is unknown.</summary>
    public double ShareOf(int broker, int dir)
    {
        for (var other = Model.DirStart[broker]; other < Model.DirStart[broker + 1]; other++)
        {
            if (!(Model.DirCapacity[other] > 0))
            {
                return 1;
            }
        }

        return Model.DirCapacity[dir];
    }

    /// <summary>Mean utilisation of a broker's dirs that may hold anything.</summary>
    public double Utilisation(int broker)
    {
        var (load, share) = (0.0, 0.0);
        for (var dir = Model.DirStart[broker]; dir < Model.DirStart[broker + 1]; dir++)
        {
            load += Model.DirAlive[dir] ? Load[dir] : 0; // nothing can be copied from a dir that failed
            share += MayTake(dir) ? ShareOf(broker, dir) : 0;
        }

        return share > 0 ? load / share : 0;
    }

    public void Put(int slot, int dir)
    {
        if (Dir[slot] >= 0)
        {
            Load[Dir[slot]] -= SizeOf(slot);
        }

        Dir[slot] = dir;
        if (dir >= 0)
        {
            Load[dir] += SizeOf(slot);
        }
    }

    private int PartitionOf(int slot)
    {
        var at = Array.BinarySearch(_problem.Arrays.Start, slot);
        if (at < 0)
        {
            return ~at - 1;
        }

        // Partitions without replicas share a start with the next one.
        while (at + 1 < _problem.Arrays.Start.Length && _problem.Arrays.Start[at + 1] == slot)
        {
            at++;
        }

        return at;
    }
}
