namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// The search knows brokers, not their log dirs: a broker with room for a replica may have no dir with room for it. What nothing forced
/// there goes home with its whole partition before the order is made, since at home it has its dir.
/// </summary>
internal sealed class HomewardPhase(SearchContext search)
{
    private readonly OptimizerProblem _problem = search.Problem;
    private readonly Placement _placement = search.Placement;

    /// <summary>Sends home until every replica that moved by choice finds a dir; all of them, where going home one by one does harm.</summary>
    /// <param name="isWorse">Whether the placement is worse than at the start.</param>
    public void Run(Func<bool> isWorse)
    {
        // Kafka-assigner mode has put lists in order that would no longer fit together.
        var homeless = _problem.Model.Dir.Length == 0 || _problem.Wish.Mode == OptimizerMode.KafkaAssigner ? [] : Homeless();
        if (homeless.Length == 0)
        {
            return;
        }

        for (var wasWorse = isWorse(); homeless.Length > 0; homeless = Homeless())
        {
            Array.ForEach(homeless, SendHome);
            _placement.Recount();
            if (!wasWorse && isWorse())
            {
                Array.ForEach(Enumerable.Range(0, _problem.Partitions).Where(IsByChoice), SendHome);
                _placement.Recount();
            }
        }
    }

    /// <summary>Partitions with a replica that moved by choice and that no log dir would take.</summary>
    private int[] Homeless()
    {
        var trial = new DirPhase(_problem, _placement, new DirPlacement(_problem));
        trial.Run();
        return [.. trial.Homeless.Select(slot => _placement.Part[slot]).Distinct().Where(IsByChoice)];
    }

    private bool IsByChoice(int partition)
    {
        var (start, end, moved) = (_problem.Arrays.Start[partition], _problem.Arrays.Start[partition + 1], false);
        for (var slot = start; slot < end; slot++)
        {
            if (_problem.MustMove[slot])
            {
                return false;
            }

            moved |= !search.IsHome(slot);
        }

        return moved;
    }

    private void SendHome(int partition)
    {
        for (var slot = _problem.Arrays.Start[partition]; slot < _problem.Arrays.Start[partition + 1]; slot++)
        {
            if (!search.IsHome(slot))
            {
                search.Move(slot, _problem.Arrays.Current[slot]);
            }
        }

        // Who led before may lead again, unless it had to give that up.
        var lead = _problem.Arrays.Lead[partition];
        if (lead >= 0 && lead != _placement.Lead[partition] && !_problem.IsDemoted[_problem.Arrays.Current[lead]] && !_problem.MayNotLead[lead])
        {
            _placement.TransferLeadership(partition, lead);
        }
    }
}
