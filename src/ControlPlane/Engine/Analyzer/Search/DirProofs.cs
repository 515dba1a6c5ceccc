namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Log dirs that can't hold what must be on them, whatever is moved (IntraBrokerDiskCapacityGoal).</summary>
internal sealed class DirProofs(OptimizerProblem problem)
{
    private const string Goal = "IntraBrokerDiskCapacityGoal";

    /// <summary>Sums of many doubles differ so much by their order; no proof rests on it.</summary>
    private const double Tolerance = 2e-6;

    private readonly OptimizerModel _model = problem.Model;
    private readonly HashSet<(int Broker, string Path)> _removed = problem.Wish.Mode == OptimizerMode.RemoveDirs ? [.. problem.Wish.Dirs] : [];

    /// <summary>Where replicas stay on their brokers, the log dirs of each broker by itself; else what may not be moved.</summary>
    public IEnumerable<InfeasibilityProof> All()
    {
        if (_model.Dir.Length == 0)
        {
            return [];
        }

        return problem.Wish.Mode switch
        {
            OptimizerMode.RemoveDirs => PerBroker([.. problem.Wish.Dirs.Select(dir => dir.Broker)]),
            OptimizerMode.DiskBalance => PerBroker(problem.Wish.Brokers.IsEmpty ? [.. _model.BrokerIds] : [.. problem.Wish.Brokers]),
            OptimizerMode.DemoteBrokers or OptimizerMode.PreferredLeaders or OptimizerMode.RackRepair or OptimizerMode.MinimalRepair or OptimizerMode.KafkaAssigner => [],
            _ => problem.Wish.MandatoryOnly ? [] : Held(),
        };
    }

    private bool MayTake(int broker, int dir) => _model.DirAlive[dir] && !_removed.Contains((_model.BrokerIds[broker], _model.DirPaths[dir]));

    private double LimitOf(int dir) => double.IsNaN(_model.DirCapacity[dir]) ? double.PositiveInfinity : _model.DirCapacity[dir] * problem.Wish.Bands.DiskLimit;

    private double SizeOf(int partition) => _model.Loads[(partition * LoadOf.Count) + LoadOf.Size];

    private string NameOf(int broker, int dir) => $"{_model.DirPaths[dir]} of broker {_model.BrokerIds[broker]}";

    private IEnumerable<InfeasibilityProof> PerBroker(HashSet<int> ids)
    {
        var (total, largest) = (new double[_model.Brokers], new int[_model.Brokers]);
        Array.Fill(largest, -1);
        for (var partition = 0; partition < _model.Partitions; partition++)
        {
            for (var slot = _model.Start[partition]; slot < _model.Start[partition + 1]; slot++)
            {
                var (broker, dir) = (_model.Broker[slot], _model.Dir[slot]);
                if (dir >= 0 && _model.DirAlive[dir] && ids.Contains(_model.BrokerIds[broker]))
                {
                    total[broker] += SizeOf(partition);
                    largest[broker] = largest[broker] < 0 || SizeOf(partition) > SizeOf(largest[broker]) ? partition : largest[broker];
                }
            }
        }

        for (var broker = 0; broker < _model.Brokers; broker++)
        {
            if (largest[broker] >= 0 && _model.Conditions[broker] != BrokerCondition.Dead && (Sum(broker, total[broker]) ?? Largest(broker, largest[broker])) is { } proof)
            {
                yield return proof;
            }
        }
    }

    private InfeasibilityProof? Sum(int broker, double total)
    {
        var room = DirsOf(broker).Where(dir => MayTake(broker, dir)).Sum(LimitOf);
        if (!(total > (room * (1 + Tolerance)) + Tolerance))
        {
            return null;
        }

        var open = DirsOf(broker).Where(dir => MayTake(broker, dir)).ToArray();
        var names = open.Length == 0 ? "no other log dir lives" : $"{PlanWords.Count(open.Length, "log dir")} that may hold them ({string.Join(", ", open.Take(5).Select(dir => _model.DirPaths[dir]))}) offer {LaneWords.Amount(Lane.Disk, room)} within their limits";
        var sizes = (open.Length > 0 ? open : [.. DirsOf(broker)]).Select(dir => _model.DirCapacity[dir]).Where(double.IsFinite).Order().ToArray();
        Remedy? remedy = null;
        if (sizes.Length > 0 && sizes[sizes.Length / 2] is > 0 and var size)
        {
            var count = (int)Math.Min(int.MaxValue, Math.Ceiling((total - room) / (size * problem.Wish.Bands.DiskLimit)));
            remedy = new Remedy("disks", count, size, false, $"At least {PlanWords.Count(count, "log dir")} more on broker {_model.BrokerIds[broker]}, of {LaneWords.Amount(Lane.Disk, size)} each.") { Broker = _model.BrokerIds[broker] };
        }

        return new InfeasibilityProof(Goal, total - room, $"The replicas on broker {_model.BrokerIds[broker]} need {LaneWords.Amount(Lane.Disk, total)}, but {names}: {LaneWords.Amount(Lane.Disk, total - room)} have no place.", remedy);
    }

    private InfeasibilityProof? Largest(int broker, int partition)
    {
        var (size, most) = (SizeOf(partition), DirsOf(broker).Where(dir => MayTake(broker, dir)).Select(LimitOf).DefaultIfEmpty(0).Max());
        if (!(size > (most * (1 + Tolerance)) + Tolerance))
        {
            return null;
        }

        var needed = size / problem.Wish.Bands.DiskLimit * 1.001;
        return new InfeasibilityProof(
            Goal, size - most, $"One replica of {PlaceProofs.NameOf(problem, partition)} needs {LaneWords.Amount(Lane.Disk, size)}, more than any log dir of broker {_model.BrokerIds[broker]} may hold ({LaneWords.Amount(Lane.Disk, most)}).",
            new Remedy("disks", 1, needed, false, $"At least 1 log dir more on broker {_model.BrokerIds[broker]}, of {LaneWords.Amount(Lane.Disk, needed)}.") { Broker = _model.BrokerIds[broker] });
    }

    /// <summary>What may not be moved is already too much for the log dir it lies on.</summary>
    private IEnumerable<InfeasibilityProof> Held()
    {
        var held = new double[_model.DirPaths.Length];
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            for (var slot = problem.Arrays.Start[partition]; slot < problem.Arrays.Start[partition + 1] && !problem.IsMovable[partition]; slot++)
            {
                var dir = problem.ModelSlot[slot] < 0 || problem.MustMove[slot] ? -1 : _model.Dir[problem.ModelSlot[slot]];
                if (dir >= 0)
                {
                    held[dir] += SizeOf(partition);
                }
            }
        }

        for (var broker = 0; broker < _model.Brokers; broker++)
        {
            foreach (var dir in DirsOf(broker).Where(dir => _model.DirAlive[dir] && held[dir] > (LimitOf(dir) * (1 + Tolerance)) + Tolerance))
            {
                yield return new InfeasibilityProof(
                    Goal, held[dir] - LimitOf(dir), $"Log dir {NameOf(broker, dir)} holds {LaneWords.Amount(Lane.Disk, held[dir])} in partitions that may not be moved (excluded, held or being reassigned), above its limit of {LaneWords.Amount(Lane.Disk, LimitOf(dir))}.", null);
            }
        }
    }

    private IEnumerable<int> DirsOf(int broker) => Enumerable.Range(_model.DirStart[broker], _model.DirStart[broker + 1] - _model.DirStart[broker]);
}
