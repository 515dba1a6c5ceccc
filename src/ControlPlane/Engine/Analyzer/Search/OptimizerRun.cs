using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>One run from problem to result: the phases in their order.</summary>
internal sealed class OptimizerRun
{
    private readonly OptimizerProblem _problem;
    private readonly IProgress<OptimizerProgress>? _progress;
    private readonly Placement _placement;
    private readonly SearchContext _search;
    private readonly LeaderDescent _leaders;
    private readonly Destinations _destinations;
    private ImmutableArray<GoalReport> _assignedBefore = [];
    private ImmutableArray<GoalReport> _assignedAfter = [];
    private readonly Dictionary<int, int[]> _orders = [];

    public OptimizerRun(OptimizerProblem problem, IProgress<OptimizerProgress>? progress, CancellationToken cancellation)
    {
        (_problem, _progress) = (problem, progress);
        _placement = problem.NewPlacement();
        _search = new SearchContext(problem, _placement, cancellation);
        _leaders = new LeaderDescent(_search);
        _destinations = new Destinations(_search, problem.Wish.Seed);
    }

    public OptimizerResult Run()
    {
        var start = (double[])_placement.Load.Clone();
        var judged = SolveBands.ForJudging(_problem, _placement);
        var before = Reports(judged);
        var solved = SolveBands.Of(_problem, _placement);
        var proofs = Proofs(solved);
        _placement.Judge(proofs.IsEmpty ? solved : SolveBands.Relaxed(_problem, _placement, proofs));
        var mandatory = new MandatoryPhase(_search, _destinations);
        var certificates = new Certificates(_problem, _placement.Bands);
        PlanOrder? order = null;
        Workers.Do(_problem.Wish.Threads, Search, certificates.Find);
        var bound = _placement.Cost() <= SearchContext.Epsilon ? certificates.BoundOf(_placement.Bands) : null;
        Tell("order", 0);
        _placement.Recount();
        var dirs = new DirPlacement(_problem);
        var dirsBefore = DirReports(dirs);
        var dirPhase = new DirPhase(_problem, _placement, dirs);
        dirPhase.Run();
        Tell("disks", 0);
        order!.AddDirChanges(dirs);
        return new ResultBuilder(_problem, _placement, _search, dirs)
        {
            Before = [.. before, .. _assignedBefore, .. dirsBefore],
            After = [.. Reports(judged), .. _assignedAfter, .. DirReports(dirs)],
            LoadBefore = start,
            Bound = bound,
            Mandatory = mandatory,
            Order = order,
            Homeless = dirPhase.Homeless.Count,
            Proofs = proofs,
            SoftProofs = certificates.SoftProofs,
        }.Build();

        void Search()
        {
            if (IsWorthIt(before))
            {
                Solve(mandatory, new RepairPhase(_search, _destinations));
                TryAll(judged, proofs);
                Widen(proofs);
                new HomewardPhase(_search).Run(() => IsWorse(judged, before, start, proofs));
            }
            else
            {
                _problem.Notes.Add("Every goal is met and nothing has to move. Ask for a narrower band to even further.");
            }

            var safe = new SafeOrder(_problem, _placement, () => new PlanOrder(_problem, _placement, _placement.Bands) { Orders = _orders }, () => IsWorse(judged, before, start, proofs));
            order = safe.Find();
        }
    }

    /// <summary>Only where the wish is about what can't be held: leadership can be put in order on a cluster whose disks are too small.</summary>
    private ImmutableArray<InfeasibilityProof> Proofs(Bands bands)
    {
        if (_problem.Wish.Mode is OptimizerMode.DemoteBrokers or OptimizerMode.PreferredLeaders or OptimizerMode.DiskBalance or OptimizerMode.RemoveDirs)
        {
            return [.. new DirProofs(_problem).All()];
        }

        _problem.Notes.AddRange(SoftHints.Of(_problem, _placement, bands));
        return [.. Infeasibility.Of(_problem, _placement, bands).Concat(new DirProofs(_problem).All()).Where(proof => _problem.Wish.Mode switch
        {
            OptimizerMode.RackRepair => proof.Constraint.StartsWith("RackAware", StringComparison.Ordinal),
            OptimizerMode.MinimalRepair => !proof.Constraint.EndsWith("Goal", StringComparison.Ordinal),
            _ => true,
        })];
    }

    private ImmutableArray<GoalReport> DirReports(DirPlacement dirs) =>
        dirs.Load.Length == 0 || _problem.Model.Dir.Length == 0 ? [] : [.. DirGoals.All.Select(goal => goal.Report(dirs))];

    private ImmutableArray<GoalReport> Reports(Bands judged) => [.. _problem.Goals.Select(goal => goal.Report(_placement, judged))];

    /// <summary>A rebalance begins only when something is outside its goal, not when it is outside the narrower band that plans end in.</summary>
    private bool IsWorthIt(ImmutableArray<GoalReport> before) =>
        _problem.Wish.Mode != OptimizerMode.Rebalance || before.Any(goal => goal.Violations > 0) || _problem.MustMove.Contains(true)
        || Enumerable.Range(0, _problem.Partitions).Any(partition => _placement.Lead[partition] < 0 || _problem.IsDemoted[_placement.Current[_placement.Lead[partition]]]);

    /// <summary>No hard goal may end further away than it was, unless a proof says so, nor all goals together, nor a broker above a limit that it kept.</summary>
    private bool IsWorse(Bands judged, ImmutableArray<GoalReport> before, double[] start, ImmutableArray<InfeasibilityProof> proofs)
    {
        for (var at = 0; at < start.Length; at++)
        {
            if (_placement.Load[at] > Math.Max(judged.Hard[at], start[at]) * (1 + SearchContext.Epsilon) && (at / Lane.Count >= _placement.Brokers || _problem.Arrays.Alive[at / Lane.Count]))
            {
                return true;
            }
        }

        var after = Reports(judged);
        for (var goal = 0; goal < before.Length; goal++)
        {
            var name = before[goal].Goal;
            if (before[goal].IsHard && after[goal].Distance > before[goal].Distance + SearchContext.Epsilon && !proofs.Any(proof => proof.Constraint == name))
            {
                return true;
            }
        }

        return after.Sum(goal => goal.Distance) > before.Sum(goal => goal.Distance) + 1e-6;
    }

    private void Solve(MandatoryPhase mandatory, RepairPhase repair)
    {
        var mode = _problem.Wish.Mode;
        if (mode == OptimizerMode.PreferredLeaders)
        {
            LeadByFirst();
            return;
        }

        if (mode is OptimizerMode.DiskBalance or OptimizerMode.RemoveDirs)
        {
            return;
        }

        mandatory.Run();
        Tell("mandatory", 0);
        if (mode == OptimizerMode.KafkaAssigner)
        {
            Assign();
            return;
        }

        if (_problem.Wish is { Mode: OptimizerMode.FixOffline, MandatoryOnly: true })
        {
            return; // what lives stays where it is, also where it crowds a rack
        }

        _search.StartBudget();
        var crowded = 0;
        if (mode is OptimizerMode.MinimalRepair or OptimizerMode.DemoteBrokers)
        {
            _leaders.Run(LeaderDescent.Thorough);
        }
        else if (!_problem.Wish.MandatoryOnly || mode is OptimizerMode.Rebalance or OptimizerMode.RackRepair)
        {
            crowded = repair.MendRacks();
            Tell("racks", 0);
        }

        if (mode is OptimizerMode.RackRepair or OptimizerMode.DemoteBrokers || _problem.Wish.MandatoryOnly)
        {
            return;
        }

        if (mode != OptimizerMode.MinimalRepair)
        {
            repair.MendTopics();
            repair.MendLeaders();
            Tell("topics", 0);
        }

        Even();
        if (crowded > 0 && repair.MendRacks() < crowded)
        {
            Even(); // who was too full to take a replica may have room once loads are even
        }
    }

    /// <summary>Before a tiny cluster is told that nothing was found, everything is tried.</summary>
    private void TryAll(Bands judged, ImmutableArray<InfeasibilityProof> proofs)
    {
        var isRepair = _problem.Wish.Mode == OptimizerMode.MinimalRepair;
        var isMissed = isRepair
            ? _placement.Cost() > SearchContext.Epsilon
            : _problem.Goals.Any(goal => goal.IsHard && goal.Report(_placement, judged).Violations > 0);
        var copied = isMissed ? double.PositiveInfinity : Enumerable.Range(0, _placement.Current.Length).Where(slot => !_search.IsHome(slot)).Sum(_placement.SizeOf);
        if (proofs.IsEmpty && (isMissed || (isRepair && copied > 0)) && !_problem.Wish.MandatoryOnly && TinySearch.Try(_problem, _search, copied))
        {
            _placement.Recount();
            if (!isRepair)
            {
                Even();
            }
        }
    }

    private void Assign()
    {
        var sets = AssignerLists.Of(_problem, _placement);
        _assignedBefore = Assigned(sets);
        foreach (var lists in sets)
        {
            var assigner = new KafkaAssigner(_problem, _placement, lists, _search.Cancellation);
            assigner.Run();
            foreach (var (partition, order) in assigner.Orders())
            {
                _orders[partition] = order;
            }
        }

        _assignedAfter = Assigned(sets);
        Tell("balance", 0);
    }

    private static ImmutableArray<GoalReport> Assigned(IReadOnlyList<AssignerLists> sets)
    {
        var (even, disk) = (sets.Select(lists => lists.ReportEven()).ToArray(), sets.Select(lists => lists.ReportDisk()).ToArray());
        return [Sum(even), Sum(disk)];

        static GoalReport Sum(GoalReport[] reports) => reports[0] with { Violations = reports.Sum(one => one.Violations), Distance = reports.Sum(one => one.Distance) };
    }

    private void Even()
    {
        _leaders.Run(LeaderDescent.Thorough);
        Tell("leadership", 0);
        var balance = new BalancePhase(_search, _leaders);
        balance.Run((round, _) => Tell("balance", round), isLast: false);
        _placement.Recount();
        var trim = new TrimPhase(_search);
        trim.Run();
        Tell("trim", 0);
        _placement.Recount();
        if (_placement.Cost() > SearchContext.Epsilon && !_search.IsCut)
        {
            balance.Run((round, _) => Tell("balance", round), isLast: true);
            trim.Run();
        }

        new FewBytesPhase(_search, _destinations).Run();
        if (_problem.Wish is { Polish: true, Mode: OptimizerMode.Rebalance } && _placement.Cost() <= SearchContext.Epsilon)
        {
            Polish();
        }
    }

    /// <summary>A plan is made for narrower bands than it is judged by. Where they are out of reach, what the goals themselves ask for comes first.</summary>
    private void Widen(ImmutableArray<InfeasibilityProof> proofs)
    {
        if (_problem.Wish is not { Mode: OptimizerMode.Rebalance, MandatoryOnly: false } || _search.IsCut || _placement.Cost() <= SearchContext.Epsilon)
        {
            return;
        }

        _placement.Judge(SolveBands.Widened(_problem, _placement, proofs));
        if (_placement.Cost() > SearchContext.Epsilon)
        {
            new BalancePhase(_search, _leaders).Run((round, _) => Tell("balance", round), isLast: true);
            _placement.Recount();
        }

        if (_placement.Cost() > SearchContext.Epsilon)
        {
            new PriorityPhase(_search, _leaders).Run(() => SolveBands.Widened(_problem, _placement, proofs), (round, _) => Tell("balance", round));
        }
    }

    /// <summary>Evens leadership further than asked, as long as that costs neither bytes nor a goal; taken back whole if it did.</summary>
    private void Polish()
    {
        var (bands, leads) = (_placement.Bands, (int[])_placement.Lead.Clone());
        _placement.Judge(SolveBands.ForPolish(_problem, _placement));
        _leaders.Run(LeaderDescent.Thorough);
        _placement.Judge(bands);
        if (_placement.Cost() > SearchContext.Epsilon)
        {
            for (var partition = 0; partition < leads.Length; partition++)
            {
                if (_placement.Lead[partition] != leads[partition])
                {
                    _placement.TransferLeadership(partition, leads[partition]);
                }
            }
        }

        Tell("polish", 0);
    }

    private void LeadByFirst()
    {
        for (var partition = 0; partition < _problem.Partitions; partition++)
        {
            var preferred = PreferredLeaderElectionGoal.Preferred(_placement, partition);
            if (preferred >= 0 && preferred != _placement.Lead[partition] && _search.MayLead(preferred))
            {
                _placement.TransferLeadership(partition, preferred);
            }
        }
    }

    private void Tell(string phase, int round)
    {
        if (_progress is null)
        {
            return;
        }

        var (moves, bytes) = (0, 0.0);
        for (var slot = 0; slot < _placement.Current.Length; slot++)
        {
            if (!_search.IsHome(slot))
            {
                (moves, bytes) = (moves + 1, bytes + _placement.DiskOf(_placement.Part[slot]));
            }
        }

        var outside = _placement.Penalty.Count(penalty => penalty > SearchContext.Epsilon);
        _progress.Report(new OptimizerProgress(phase, round, _placement.Cost(), outside, moves, (long)bytes));
    }
}
