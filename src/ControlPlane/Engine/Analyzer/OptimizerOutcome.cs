using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Whether a run reached what it had to.</summary>
public enum OutcomeKind
{
    Ok,

    /// <summary>It can't be reached, and the proof says why.</summary>
    Infeasible,

    /// <summary>Not reached within the budget, and no proof that it can't be.</summary>
    NotFound,
}

/// <summary>What would make it feasible: so many brokers, racks or disks of that size.</summary>
/// <param name="Kind">brokers, racks, disks or partitions.</param>
/// <param name="TypicalCapacity">Of one of them, in the unit of the constraint; NaN where size does not matter.</param>
/// <param name="IsConstructed">The optimizer was run with them and reached its goals; else only the sums fit.</param>
public sealed record Remedy(string Kind, int Count, double TypicalCapacity, bool IsConstructed, string Sentence)
{
    /// <summary>Kafka node id of the broker that disks are for; -1: none.</summary>
    public int Broker { get; init; } = -1;
}

/// <summary>Why no placement can hold a constraint.</summary>
/// <param name="Constraint">The goal's name.</param>
/// <param name="Missing">By how much, in the unit of the constraint.</param>
public sealed record InfeasibilityProof(string Constraint, double Missing, string Sentence, Remedy? Remedy);

/// <summary>A goal before a plan and after it.</summary>
/// <param name="Unit">What violations count: brokers, partitions, hosts, disks or pairs of topic and broker.</param>
/// <param name="DistanceBefore">How far outside all of them are together, relative to the target; 0: met.</param>
public sealed record GoalOutcome(
    string Goal, bool IsHard, string Unit, int ViolatedBefore, int ViolatedAfter, double DistanceBefore, double DistanceAfter);

/// <summary>What one phase of a run has come to.</summary>
/// <param name="Phase">mandatory, racks, topics, leadership, balance, trim, polish, disks, bound, order or remedies.</param>
/// <param name="Cost">The objective: 0 when every goal is met.</param>
public sealed record OptimizerProgress(string Phase, int Round, double Cost, int BrokersOutside, int Moves, long Bytes);

/// <summary>A partition whose replicas or leadership change, in the order of execution. Indices are those of the model.</summary>
/// <param name="Before">Broker indices, preferred leader first.</param>
/// <param name="DirsAfter">Of each place of <paramref name="After"/>: index of its log dir; -1: Kafka chooses. Empty: none is asked for.</param>
/// <param name="Bytes">To be copied between brokers.</param>
/// <param name="DirBytes">To be copied between log dirs of one broker.</param>
public sealed record PartitionChange(
    int Partition,
    ImmutableArray<int> Before,
    ImmutableArray<int> After,
    ImmutableArray<int> DirsAfter,
    int LeaderBefore,
    int LeaderAfter,
    double Bytes,
    double DirBytes,
    MoveClass Class,
    string Goal)
{
    /// <summary>Copies that are new on their broker.</summary>
    public int Copies
    {
        get
        {
            var copies = 0;
            foreach (var broker in After)
            {
                copies += Before.AsSpan().Has(broker) ? 0 : 1;
            }

            return copies;
        }
    }
}

/// <summary>A lost replica that found no place. Indices are those of the model.</summary>
public sealed record UnplacedSlot(int Partition, int Broker, string Why);

/// <summary>The loads of one broker by <see cref="Lane"/>, before and after.</summary>
/// <param name="PeakDisk">Most bytes it holds while the plan runs in its order.</param>
public sealed record BrokerOutcome(int Broker, ImmutableArray<double> Before, ImmutableArray<double> After, double PeakDisk, double BytesIn, double BytesOut);

/// <summary>Least that any plan must cost that ends inside the bands (optimizer.md 7); null where this one does not end there.</summary>
public sealed record LowerBound(double Bytes, int Moves);

/// <summary>Everything a run has found. The placement is by slot; slots of a partition whose RF changed are those of the problem, not the model.</summary>
public sealed record OptimizerResult
{
    public required OutcomeKind Outcome { get; init; }

    public ImmutableArray<InfeasibilityProof> Proofs { get; init; } = [];

    /// <summary>Which soft goals no placement can meet, and why. That makes nothing infeasible: the plan goes as far as one can.</summary>
    public ImmutableArray<InfeasibilityProof> SoftProofs { get; init; } = [];

    public ImmutableArray<GoalOutcome> Goals { get; init; } = [];

    /// <summary>In the order of execution.</summary>
    public ImmutableArray<PartitionChange> Changes { get; init; } = [];

    public ImmutableArray<BrokerOutcome> Brokers { get; init; } = [];

    /// <summary>Lost replicas that stay lost.</summary>
    public ImmutableArray<UnplacedSlot> Unplaced { get; init; } = [];

    /// <summary>What had to be assumed or is left as it is, as sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    public LowerBound? Bound { get; init; }

    /// <summary>What an independent recomputation from the placement found.</summary>
    public required PlanVerdict Verdict { get; init; }

    public int ReplicaMoves { get; init; }

    public int LeaderMoves { get; init; }

    /// <summary>Copied between brokers.</summary>
    public double Bytes { get; init; }

    /// <summary>The deadline or a cancellation ended the search early: the best plan until then.</summary>
    public bool IsCut { get; init; }

    /// <summary>Hash of the final placement: the same for the same input and seed, whatever the threads.</summary>
    public required string PlacementHash { get; init; }
}
