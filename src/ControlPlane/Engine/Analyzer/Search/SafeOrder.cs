namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// The order of a plan that leaves nothing worse than it was. A change for whose copies no order has disk is left out, and what was made
/// room for it may then do harm where it went. So changes that only even are taken back as well, the last of the order first, until no harm
/// is left: the beginning of an order can always be carried out, and nothing done is no harm.
/// </summary>
/// <param name="problem">What is asked for.</param>
/// <param name="target">What the search has found; what is left out goes home there.</param>
/// <param name="begin">A new order, for the target as it is then.</param>
/// <param name="isWorse">Whether the target is worse than the cluster was at the start.</param>
internal sealed class SafeOrder(OptimizerProblem problem, Placement target, Func<PlanOrder> begin, Func<bool> isWorse)
{
    /// <summary>Harm is looked for so often at most: it takes a look at every replica.</summary>
    private const int MostLooks = 64;

    private readonly List<Pending> _leftOut = [];

    public PlanOrder Find()
    {
        while (true)
        {
            var order = begin();
            order.Run();
            var isHarmed = order.LeftOut.Count > 0 && problem.Wish.Mode != OptimizerMode.KafkaAssigner && isWorse();
            _leftOut.AddRange(order.LeftOut);
            if (!isHarmed || !TakeBack(order))
            {
                order.LeftOut.Clear();
                order.LeftOut.AddRange(_leftOut);
                return order;
            }
        }
    }

    /// <summary>False: nothing is left to take back, or it is not what does the harm and stays.</summary>
    private bool TakeBack(PlanOrder order)
    {
        var (current, lead) = ((int[])target.Current.Clone(), (int[])target.Lead.Clone());
        Pending[] voluntary = [.. order.Changes.Select(one => one.Change).Where(change => !change.IsMandatory && !IsForced(change)).Reverse()];
        var (step, count) = (1 + (voluntary.Length / MostLooks), 0);
        while (count < voluntary.Length)
        {
            order.TakeBack(voluntary[count++]);
            if ((count % step == 0 || count == voluntary.Length) && !isWorse())
            {
                _leftOut.AddRange(voluntary[..count]);
                return true;
            }
        }

        target.Restore(current, lead, (slot, to) => target.Move(slot, to));
        return false;
    }

    /// <summary>Leadership that has to change because its broker is gone or demoted.</summary>
    private bool IsForced(Pending change)
    {
        var lead = problem.Arrays.Lead[change.Partition];
        return lead < 0 || problem.MustMove[lead] || problem.IsDemoted[problem.Arrays.Current[lead]];
    }
}
