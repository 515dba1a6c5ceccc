namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// A wish applied to a model: what the search works on. Its last broker is none of the cluster: replicas wait there that have to be made.
/// </summary>
internal sealed record OptimizerProblem
{
    public required OptimizerModel Model { get; init; }

    public required OptimizerWish Wish { get; init; }

    public required PlacementArrays Arrays { get; init; }

    /// <summary>The placement at the start, for looking at; null: nobody has laid it out yet.</summary>
    public Placement? First { get; set; }

    /// <summary>By slot the one of the model; -1: a copy that is to be made.</summary>
    public required int[] ModelSlot { get; init; }

    /// <summary>By partition whether its replicas and its leadership may be changed for the sake of balance.</summary>
    public required bool[] IsMovable { get; init; }

    /// <summary>By slot whether it can't stay where it is.</summary>
    public required bool[] MustMove { get; init; }

    /// <summary>Lost slots that stay nevertheless: their partitions are being reassigned.</summary>
    public required IReadOnlyList<int> Stuck { get; init; }

    /// <summary>By slot whether it must not lead: out of sync, offline, or not there yet.</summary>
    public required bool[] MayNotLead { get; init; }

    /// <summary>By broker whether it has to give its leadership away; who merely may not lead keeps what it leads.</summary>
    public required bool[] IsDemoted { get; init; }

    /// <summary>The most important first.</summary>
    public required IReadOnlyList<IGoal> Goals { get; init; }

    public List<string> Notes { get; } = [];

    /// <summary>The cluster as it is, to make steps on. It is laid out once: copying that is much faster.</summary>
    public Placement NewPlacement() => new(First ??= new Placement(Arrays), Arrays);

    /// <summary>Nothing at all of these is changed.</summary>
    public bool IsInFlight(int partition) => InFlight.IsReassigning(Model, partition);

    public int Nowhere => Arrays.Alive.Length - 1;

    public int Partitions => Arrays.Topic.Length;
}
