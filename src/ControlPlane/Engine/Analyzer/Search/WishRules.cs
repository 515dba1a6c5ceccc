using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Refuses wishes that name what the model lacks or that contradict themselves, before any work.</summary>
internal static class WishRules
{
    private static readonly TimeSpan RegexTimeout = TimeSpan.FromMilliseconds(250);

    public static void Check(OptimizerModel model, OptimizerWish wish)
    {
        if (model.Brokers == 0)
        {
            throw new OptimizerRefusal("model", "The model has no brokers. Expected: at least one.");
        }

        foreach (var goal in wish.Goals.Where(goal => GoalCatalog.Find(goal) is null))
        {
            throw new OptimizerRefusal("goals", $"There is no goal {goal}. Expected: some of {string.Join(", ", GoalCatalog.All.Select(known => known.Name))}.");
        }

        CheckBrokers(model, "brokers", wish.Brokers.AsSpan());
        CheckBrokers(model, "noReplicasOnto", wish.NoReplicasOnto.AsSpan());
        CheckBrokers(model, "noLeadersOnto", wish.NoLeadersOnto.AsSpan());
        CheckBrokers(model, "destinations", wish.Destinations.AsSpan());
        CheckBrokers(model, "limits", wish.Limits.Select(limit => limit.Brokers.ToArray()).SelectMany(ids => ids));
        CheckBrokers(model, "dirs", wish.Dirs.Select(dir => dir.Broker));
        CheckNumbers(wish);
        CheckMode(model, wish);
        _ = Matcher("excludedTopics", wish.ExcludedTopics);
        _ = Matcher("topics", wish.Topics);
        _ = Matcher("minLeadersTopics", wish.MinLeadersTopics);
    }

    /// <summary>By topic whether its whole name matches; all false without a pattern.</summary>
    public static bool[] Matches(OptimizerModel model, string field, string? pattern)
    {
        var matches = new bool[model.Topics.Length];
        if (Matcher(field, pattern) is not { } regex)
        {
            return matches;
        }

        try
        {
            for (var topic = 0; topic < matches.Length; topic++)
            {
                matches[topic] = regex.IsMatch(model.Topics[topic]);
            }
        }
        catch (RegexMatchTimeoutException)
        {
            throw new OptimizerRefusal(field, $"The expression {pattern} takes too long on a topic name. Expected: one without nested repetitions.");
        }

        return matches;
    }

    private static Regex? Matcher(string field, string? pattern)
    {
        try
        {
            return string.IsNullOrEmpty(pattern) ? null : new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant, RegexTimeout);
        }
        catch (ArgumentException ex)
        {
            throw new OptimizerRefusal(field, $"{pattern} is no regular expression: {ex.Message}");
        }
    }

    private static void CheckBrokers(OptimizerModel model, string field, ReadOnlySpan<int> ids)
    {
        if (ids.IsEmpty)
        {
            return;
        }

        var existing = new HashSet<int>(model.BrokerIds);
        int[] unknown = [.. ids.Where(id => !existing.Contains(id))];
        if (unknown.Length > 0)
        {
            var known = model.BrokerIds.Order().Take(20).Select(id => id.ToString(CultureInfo.InvariantCulture));
            var more = model.Brokers > 20 ? $" and {model.Brokers - 20} more" : "";
            throw new OptimizerRefusal(field, $"The cluster has no broker {string.Join(", ", unknown.Distinct().Order())}. Expected: ids out of {string.Join(", ", known)}{more}.");
        }
    }

    private static void CheckNumbers(OptimizerWish wish)
    {
        var bands = wish.Bands;
        Range("band", bands.Spread, 0, 10);
        Range("solveBand", bands.SolveSpread, 0, 10);
        Range("diskLimit", bands.DiskLimit, 0.01, 1);
        Range("cpuLimit", bands.CpuLimit, 0.01, 1);
        Range("networkLimit", bands.NetworkLimit, 0.01, 1);
        Range("threads", wish.Threads, 1, 64);
        Range("minLeaders", wish.MinLeaders, 0, int.MaxValue);
        Range("byteBudget", wish.ByteBudget ?? 0, 0, long.MaxValue);
        Range("moveBudget", wish.MoveBudget ?? 0, 0, int.MaxValue);
        foreach (var limit in wish.Limits)
        {
            if (limit.Lane is < 0 or >= Lane.Count || double.IsNaN(limit.Limit) || limit.Limit < 0)
            {
                throw new OptimizerRefusal("limits", "A limit needs a known load and a number that is not negative, for example disk=0.75.");
            }
        }
    }

    private static void CheckMode(OptimizerModel model, OptimizerWish wish)
    {
        var needsBrokers = wish.Mode is OptimizerMode.RemoveBrokers or OptimizerMode.DemoteBrokers
            || (wish.Mode == OptimizerMode.AddBrokers && !model.Conditions.Contains(BrokerCondition.New));
        if (needsBrokers && wish.Brokers.IsEmpty)
        {
            throw new OptimizerRefusal("brokers", $"The mode {wish.Mode} needs brokers. Expected: at least one broker id.");
        }

        if (wish.Mode == OptimizerMode.ReplicationFactor)
        {
            if (wish.ReplicationFactor < 1 || wish.ReplicationFactor > short.MaxValue)
            {
                throw new OptimizerRefusal("replicationFactor", $"{wish.ReplicationFactor} is not possible. Expected: 1 or more.");
            }

            if (!Matches(model, "topics", wish.Topics).Contains(true))
            {
                throw new OptimizerRefusal("topics", $"No topic matches {wish.Topics ?? "(nothing was given)"}. Expected: a regular expression over whole topic names, for example orders.*");
            }
        }

        if (wish.Mode == OptimizerMode.KafkaAssigner && (wish.ByteBudget is not null || wish.MoveBudget is not null))
        {
            throw new OptimizerRefusal(wish.ByteBudget is null ? "moveBudget" : "byteBudget", "Kafka-assigner mode spreads every list anew and knows no budget. Leave it out, or ask for a rebalance.");
        }

        if (wish.Mode == OptimizerMode.MinimalRepair && wish.Limits.IsEmpty)
        {
            throw new OptimizerRefusal("limits", "A minimal repair needs a limit, for example disk=0.75 of broker 4.");
        }

        if (wish.Mode == OptimizerMode.RemoveDirs && wish.Dirs.IsEmpty)
        {
            throw new OptimizerRefusal("dirs", "Removing log dirs needs at least one broker and path.");
        }

        foreach (var (broker, path) in wish.Dirs)
        {
            var at = Array.IndexOf(model.BrokerIds, broker);
            if (!model.DirPaths.AsSpan(model.DirStart[at]..model.DirStart[at + 1]).Contains(path))
            {
                throw new OptimizerRefusal("dirs", $"Broker {broker} has no log dir {path}. Expected: one of {string.Join(", ", model.DirPaths[model.DirStart[at]..model.DirStart[at + 1]])}.");
            }
        }
    }

    private static void Range(string field, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw new OptimizerRefusal(field, string.Create(CultureInfo.InvariantCulture, $"{value} is not possible. Expected: {least} to {most}."));
        }
    }
}
