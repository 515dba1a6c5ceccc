using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer.Remedies;

/// <summary>
/// Says of an impossible wish what would make it possible, by running the optimizer with it: so many brokers, racks or log dirs. The sums
/// beside a proof only tell how many are needed at least; racks, replica limits and the shape of partitions may need more.
/// </summary>
public static class RemedySearch
{
    /// <summary>Replicas up to which whole runs with more brokers are tried; beyond, the sums have to do.</summary>
    public const int MostReplicas = 600_000;

    /// <summary>The result with what was built beside its proofs. A cancellation ends the search with the best until then.</summary>
    /// <param name="model">The cluster.</param>
    /// <param name="wish">What was asked of it.</param>
    /// <param name="result">What came of that.</param>
    /// <param name="progress">Told how many runs were begun.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static OptimizerResult Complete(OptimizerModel model, OptimizerWish wish, OptimizerResult result, IProgress<int>? progress, CancellationToken cancellation)
    {
        if (!result.Proofs.Any(IsCurable))
        {
            return result;
        }

        if (model.Slots > MostReplicas)
        {
            return Noted(result, $"What would make it possible was not tried by runs: the cluster has {PlanWords.Number(model.Slots)} replicas, and that is done up to {PlanWords.Number(MostReplicas)}. What stands beside the proof are sums: no fewer can do.");
        }

        var trials = new RemedyTrials(wish, result.Proofs, progress, cancellation);
        return IsOfDirs(result.Proofs) ? new DirRemedy(model, trials).Complete(result) : new BrokerRemedy(model, trials).Complete(result);
    }

    /// <summary>Trials are for hard goals, so nothing is said of others.</summary>
    internal static bool IsCurable(InfeasibilityProof proof) => GoalCatalog.Find(proof.Constraint) is not { IsHard: false } && proof.Remedy is { Kind: "brokers" or "racks" } or { Kind: "disks", Broker: >= 0 };

    internal static OptimizerResult Noted(OptimizerResult result, string note) => result with { Notes = result.Notes.Add(note) };

    private static bool IsOfDirs(ImmutableArray<InfeasibilityProof> proofs) => proofs.All(proof => proof.Remedy is null or { Kind: "disks" });
}
