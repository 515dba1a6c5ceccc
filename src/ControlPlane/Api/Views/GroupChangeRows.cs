using System.Globalization;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;

namespace ControlPlane.Api.Views;

/// <summary>A change to a group's offsets as the API tells it.</summary>
internal static class GroupChangeRows
{
    public static GroupChangeDto Make(string action, bool isDryRun, GroupChange.Seen seen)
    {
        var committed = seen.Now is null ? null : (seen.Now.Offsets ?? []).ToDictionary(one => (one.Topic, one.Partition), one => one.Offset);
        var answers = seen.Answers.ToDictionary(one => (one.Topic, one.Partition));
        List<OffsetChangeDto> rows = [.. seen.Changes.Select(change => Row(action, change, isDryRun, AnswerOf(answers, change), committed))];
        var notDone = isDryRun ? 0 : rows.Count(row => row.Outcome is not ("done" or "unchanged"));
        return new GroupChangeDto(
            seen.Group.Id, action, seen.Group.State ?? "Unknown", seen.Group.Members?.Length, isDryRun,
            Sentence(action, isDryRun, rows, notDone), isDryRun ? Obstacle(action, seen.Group) : null, rows, notDone);
    }

    /// <summary>The way out for a group whose members would commit over a change.</summary>
    public static string WayOut(Group group)
    {
        var members = group.Members is { Length: > 0 } known
            ? string.Create(CultureInfo.InvariantCulture, $"its {Count(known.Length, "member")} ({string.Join(", ", known.Select(one => one.Host.TrimStart('/')).Distinct(StringComparer.Ordinal).Take(3))}{(known.Select(one => one.Host).Distinct(StringComparer.Ordinal).Count() > 3 ? ", ..." : "")})")
            : "its members";
        return $"Stop {members}, wait until the state is Empty, which takes at most their session timeout, and ask again.";
    }

    private static string? Obstacle(string action, Group group) => action switch
    {
        "forget" when !group.IsShare => null,
        _ when group.State == "Empty" => null,
        _ => $"The group is {group.State}: Kafka takes this only for a group without members. {WayOut(group)}",
    };

    /// <summary>The answer about the whole group counts for each of its partitions.</summary>
    private static OffsetAnswer? AnswerOf(Dictionary<(string Topic, int Partition), OffsetAnswer> answers, OffsetChange change) =>
        answers.TryGetValue((change.Topic, change.Partition), out var answer) || answers.TryGetValue(("", -1), out answer) ? answer : null;

    private static OffsetChangeDto Row(string action, OffsetChange change, bool isDryRun, OffsetAnswer? answer, Dictionary<(string Topic, int Partition), long>? committed)
    {
        // A target that could not be told was not sent: that is not the same as one that was there already.
        var outcome = isDryRun ? null : answer is null ? (action == "reset" && change.Target is null ? "not-sent" : "unchanged") : OutcomeOf(answer.Value.Kind, IsThere(action, change, committed));
        return new OffsetChangeDto(
            change.Topic, change.Partition, change.Committed, change.Target, change.LagBefore, change.LagAfter, change.Note, outcome, answer?.Error);
    }

    /// <summary>Whether what was read afterwards shows the change; null where nothing could be read.</summary>
    private static bool? IsThere(string action, OffsetChange change, Dictionary<(string Topic, int Partition), long>? committed)
    {
        if (committed is null)
        {
            return null;
        }

        var found = committed.TryGetValue((change.Topic, change.Partition), out var now);
        return action == "reset" ? found && now == change.Target : !found;
    }

    /// <summary>An accepted change counts as done though the group has gone on since; one without an answer is judged by what stands there.</summary>
    private static string OutcomeOf(AnswerKind kind, bool? isThere) => kind switch
    {
        AnswerKind.Accepted => "done",
        AnswerKind.Refused => "refused",
        AnswerKind.NotSent => "not-sent",
        AnswerKind.Unknown => isThere is true ? "done" : "unknown",
        _ => throw new InvalidOperationException($"Unhandled answer {kind}"),
    };

    private static string Sentence(string action, bool isDryRun, List<OffsetChangeDto> rows, int notDone)
    {
        var moving = rows.Count(row => action != "reset" || (row.Target is { } target && target != row.Committed));
        var what = action switch
        {
            "reset" => $"{Count(moving, "partition")} of {rows.Count.ToString("N0", CultureInfo.InvariantCulture)} {(moving == 1 ? "gets" : "get")} another offset",
            "forget" => $"{Count(moving, "committed offset")} {(moving == 1 ? "is" : "are")} forgotten",
            _ => $"The group goes, with {Count(moving, "committed offset")}",
        };
        var lag = action == "reset" && rows.All(row => row.LagAfter is not null) && rows.Count > 0
            ? string.Create(CultureInfo.InvariantCulture, $"; lag {rows.Sum(row => row.LagBefore ?? 0):N0} becomes {rows.Sum(row => row.LagAfter ?? 0):N0}")
            : "";
        return isDryRun ? $"Dry run: {what}{lag}. Nothing was changed."
            : notDone == 0 ? $"Done: {what}{lag}."
            : $"{what}{lag}; on {Count(notDone, "partition")} it was not done, or that is not known.";
    }

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
