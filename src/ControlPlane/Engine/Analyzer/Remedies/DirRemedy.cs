using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Analyzer.Remedies;

/// <summary>How many more log dirs, of which size, hold what a broker's log dirs can't. Brokers' log dirs do not depend on each other, but a plan is for all.</summary>
internal sealed class DirRemedy(OptimizerModel model, RemedyTrials trials)
{
    private const int MostMore = 64;

    public OptimizerResult Complete(OptimizerResult result)
    {
        var found = trials.Least(0, MostMore, more => trials.IsEnough(With(more), trials.Wish));
        if (found is not var (extra, isLeast))
        {
            return RemedySearch.Noted(result, trials.IsCancelled
                ? "The search for what would make it possible was ended early: what stands beside the proof are sums, no fewer can do."
                : "The optimizer was run with more log dirs and did not reach the goals.");
        }

        var fewer = isLeast ? "" : " Fewer may do: the search for the smallest number was ended early.";
        var wanted = Wanted(extra);
        return result with { Proofs = [.. result.Proofs.Select(proof => RemedySearch.IsCurable(proof) ? proof with { Remedy = Built(proof.Remedy!) } : proof)] };

        Remedy Built(Remedy sums)
        {
            var (count, size) = wanted[Array.IndexOf(model.BrokerIds, sums.Broker)];
            var sentence = $"{PlanWords.Count(count, "log dir")} more on broker {sums.Broker}, of {LaneWords.Amount(Lane.Disk, size)}{(count == 1 ? "" : " each")}. The optimizer was run with {(count == 1 ? "it" : "them")}: everything has its place.{fewer}";
            return sums with { Count = count, TypicalCapacity = size, IsConstructed = true, Sentence = sentence };
        }
    }

    /// <summary>By broker what its sums ask for, and that many more.</summary>
    private Dictionary<int, (int Count, double Size)> Wanted(int more) => trials.Proofs.Where(RemedySearch.IsCurable).Select(proof => proof.Remedy!)
        .GroupBy(remedy => Array.IndexOf(model.BrokerIds, remedy.Broker))
        .ToDictionary(group => group.Key, group => (group.Max(one => one.Count) + more, group.Max(one => one.TypicalCapacity)));

    private OptimizerModel With(int more)
    {
        var wanted = Wanted(more);
        var (starts, paths, sizes, alive, moved) = (new int[model.Brokers + 1], new List<string>(), new List<double>(), new List<bool>(), new int[model.DirPaths.Length]);
        var capacity = (double[])model.Capacity.Clone();
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            for (var dir = model.DirStart[broker]; dir < model.DirStart[broker + 1]; dir++)
            {
                moved[dir] = paths.Count;
                Add(model.DirPaths[dir], model.DirCapacity[dir], model.DirAlive[dir]);
            }

            var (count, size) = wanted.GetValueOrDefault(broker);
            for (var number = 1; number <= count; number++)
            {
                Add($"new log dir {number}", size, lives: true);
                capacity[(broker * 4) + Lane.Disk] += size;
            }

            starts[broker + 1] = paths.Count;
        }

        return model with
        {
            DirStart = starts,
            DirPaths = [.. paths],
            DirCapacity = [.. sizes],
            DirAlive = [.. alive],
            Dir = [.. model.Dir.Select(dir => dir < 0 ? dir : moved[dir])],
            Capacity = capacity,
        };

        void Add(string path, double size, bool lives)
        {
            paths.Add(path);
            sizes.Add(size);
            alive.Add(lives);
        }
    }
}
