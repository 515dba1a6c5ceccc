using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>What the optimizer found, in words.</summary>
public static class PlanSentences
{
    /// <summary>How far a plan is from the least that any plan must cost.</summary>
    public static string Bound(PlanFindingsDto found) => found.Bound switch
    {
        null when IsRepair(found) => "all of it has to be copied: only what is lost moves",
        null => "not known: the plan does not end inside every band",
        { Bytes: 0 } bound => $"0 B and {Show.Plural(bound.Moves, "move")}",
        { } bound when found.Bytes <= bound.Bytes => $"{Show.Bytes(bound.Bytes)} and {Show.Plural(bound.Moves, "move")}: no plan copies less",
        { } bound => $"{Show.Bytes(bound.Bytes)} and {Show.Plural(bound.Moves, "move")}: this plan is within {Above(found.Bytes, bound.Bytes)} % of the least possible",
    };

    /// <summary>The short form beside the bytes; null where there is no bound.</summary>
    public static string? NearBound(PlanFindingsDto found) => found.Bound is { Bytes: > 0 } bound
        ? found.Bytes <= bound.Bytes ? "the least possible" : $"{Above(found.Bytes, bound.Bytes)} % above the least"
        : IsRepair(found) ? "only what is lost" : null;

    public static StatusWord StatusOf(PlanFindingsDto found) => found.Outcome switch
    {
        "infeasible" => StatusWord.Crit,
        "not-found" => StatusWord.Warn,
        _ when found.Goals.Any(goal => goal.IsHard && IsOpen(found, goal)) => StatusWord.Crit,
        _ when found.IsCut || found.Goals.Any(goal => IsOpen(found, goal)) => StatusWord.Warn,
        _ => StatusWord.Ok,
    };

    /// <summary>What one has to know before approving; null where every goal is met.</summary>
    public static string? Verdict(PlanFindingsDto found)
    {
        var open = found.Goals.Where(goal => IsOpen(found, goal)).ToList();
        var goals = open.Count == 0 ? null : IsRepair(found) ? $"By it, {string.Join(", ", open.Select(goal => Words.OfGoal(goal.Goal)))} {(open.Count == 1 ? "is" : "are")} further from being met; a rebalance can mend that later." : $"{Show.Plural(open.Count, "goal")} of {Show.Number(found.Goals.Count)} {(open.Count == 1 ? "is" : "are")} not met after it: {string.Join(", ", open.Select(goal => Words.OfGoal(goal.Goal)))}.";
        var outcome = found.Outcome switch
        {
            "infeasible" when IsRepair(found) => "Not every goal can be held with the brokers that live; this is the best that can be done without more of them.",
            "infeasible" => "What was asked can't be reached; this is the best that can be done without more brokers, racks or disks.",
            "not-found" when IsRepair(found) => "Not all that was lost can be restored as every rule asks: the concerns below say what and why.",
            "not-found" => "What was asked was not reached within the time given, and it is not proved that it can't be.",
            _ when found.IsCut => "The search was ended early; a longer one may find a better plan.",
            _ => null,
        };
        return string.Join(' ', new[] { outcome, goals }.OfType<string>()) is { Length: > 0 } text ? text : null;
    }

    /// <summary>A repair moves only what is lost: it answers for what it makes worse, not for what was so before.</summary>
    private static bool IsOpen(PlanFindingsDto found, GoalOutcomeDto goal) => goal.ViolatedAfter > (IsRepair(found) ? goal.ViolatedBefore : 0);

    private static bool IsRepair(PlanFindingsDto found) => found.Request is { Mode: "fix-offline", Options: null or { MandatoryOnly: not false } };

    private static string Above(long bytes, long bound) => Math.Max(1, Math.Ceiling((((double)bytes / bound) - 1) * 100)).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
}
