namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>How urgent a change of replicas is, by what is wrong with them where they are.</summary>
/// <param name="problem">The cluster at the start.</param>
/// <param name="target">Where replicas go.</param>
/// <param name="start">The same before any step.</param>
/// <param name="bands">Whose limits are meant.</param>
internal sealed class MoveClasses(OptimizerProblem problem, Placement target, Placement start, Bands bands)
{
    public MoveClass Of(int partition, List<int> moved)
    {
        var model = problem.Model;
        if (moved.Exists(slot => problem.ModelSlot[slot] >= 0 && problem.MustMove[slot] && model.Conditions[model.Broker[problem.ModelSlot[slot]]] == BrokerCondition.Dead)
            || moved.Exists(slot => problem.MustMove[slot] && problem.ModelSlot[slot] >= 0 && problem.Arrays.Alive[problem.Arrays.Current[slot]]))
        {
            var min = model.MinInSync.Length == 0 ? -1 : model.MinInSync[model.Topic[partition]];
            return problem.Arrays.Lead[partition] < 0 || LivingInSync(problem, partition) < min ? MoveClass.DataAtRisk : MoveClass.Offline;
        }

        return moved.Exists(slot => CrowdsRack(partition, slot)) ? MoveClass.Rack
            : moved.Exists(slot => IsOverLimit(problem.Arrays.Current[slot])) ? MoveClass.Capacity
            : MoveClass.Balance;
    }

    /// <summary>Copies of a partition that live and have all that was acknowledged.</summary>
    public static int LivingInSync(OptimizerProblem problem, int partition)
    {
        var model = problem.Model;
        return Enumerable.Range(model.Start[partition], model.ReplicasOf(partition)).Count(slot =>
            model.Conditions[model.Broker[slot]] != BrokerCondition.Dead && (model.Marks.Length == 0 || (model.Marks[slot] & (ReplicaMarks.OutOfSync | ReplicaMarks.Offline)) == ReplicaMarks.None));
    }

    private bool CrowdsRack(int partition, int slot)
    {
        var (arrays, rack) = (problem.Arrays, problem.Arrays.Rack[problem.Arrays.Current[slot]]);
        for (var other = arrays.Start[partition]; other < arrays.Start[partition + 1]; other++)
        {
            if (other != slot && arrays.Rack[arrays.Current[other]] == rack && arrays.Rack[target.Current[slot]] != rack)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOverLimit(int broker)
    {
        for (var lane = 0; lane < Lane.HardCount; lane++)
        {
            if (problem.Arrays.Alive[broker] && start.LoadOf(broker, lane) > bands.Hard[(broker * Lane.Count) + lane])
            {
                return true;
            }
        }

        return false;
    }
}
