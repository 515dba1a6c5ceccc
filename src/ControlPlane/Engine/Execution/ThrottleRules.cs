using System.Collections.Immutable;
using System.Globalization;

namespace ControlPlane.Engine.Execution;

/// <summary>
/// Decides on replication throttles by the ledger: what stood before is stored before anything is set, lists are only added to, and
/// taken away is only what is ours and still stands as we left it.
/// </summary>
internal static class ThrottleRules
{
    /// <summary>Records what the moves need and is not in the ledger yet. True where a move may be sent: all it needs stands.</summary>
    public static ILookup<bool, ExecutionMove> Prepare(IReadOnlyList<ExecutionMove> moves, ClusterObservation seen, ExecutionStep step)
    {
        if (step.State.Limits.ThrottleBytesPerSecond is not { } rate)
        {
            return moves.ToLookup(_ => true);
        }

        var notes = new Dictionary<ThrottleKey, ThrottleNote>();
        var ready = moves.Select(move => (Move: move, IsReady: Wanted(move, rate).Select(wish => IsStanding(wish, seen, step, notes)).ToList().TrueForAll(stands => stands))).ToList();
        if (notes.Count > 0)
        {
            step.Emit(new ExecutionEvent.ThrottlesRecorded(step.Now, [.. notes.Values]));
        }

        return ready.ToLookup(one => one.IsReady, one => one.Move);
    }

    /// <summary>Confirms what stands, and sets what does not: also what somebody else took away in the middle.</summary>
    public static void Assert(ClusterObservation seen, ExecutionStep step)
    {
        var (standing, lost, changes) = (new List<ThrottleKey>(), new List<ThrottleNote>(), new List<ThrottleChange>());
        foreach (var throttle in step.State.Throttles.Values.Where(throttle => throttle.IsOpen && seen.Throttles.ContainsKey(throttle.Key)))
        {
            if (!throttle.StandsIn(seen.Throttles[throttle.Key]))
            {
                changes.Add(new ThrottleChange(throttle.Key, throttle.Key.Topic is null ? ThrottleOperation.Set : ThrottleOperation.Append, throttle.Value));
                if (throttle.State is ThrottleState.Set or ThrottleState.Removed)
                {
                    lost.Add(new ThrottleNote(throttle.Key, throttle.Values, throttle.Before)); // from now on it may arrive late again
                }
            }
            else if (throttle.State != ThrottleState.Set)
            {
                standing.Add(throttle.Key);
            }
        }

        if (standing.Count > 0)
        {
            step.Emit(new ExecutionEvent.ThrottlesSet(step.Now, [.. standing]));
        }

        if (lost.Count > 0)
        {
            step.Emit(new ExecutionEvent.ThrottlesRecorded(step.Now, [.. lost]));
        }

        Alter(changes, step);
    }

    /// <summary>New rate for what stands already.</summary>
    public static void FollowLimits(ExecutionStep step)
    {
        if (step.State.Limits.ThrottleBytesPerSecond is { } rate)
        {
            var text = Text(rate);
            var notes = step.State.Throttles.Values
                .Where(throttle => throttle.IsOpen && throttle.Key.Topic is null && throttle.Value != text)
                .Select(throttle => new ThrottleNote(throttle.Key, [text], throttle.Before))
                .ToImmutableArray();
            if (!notes.IsEmpty)
            {
                step.Emit(new ExecutionEvent.ThrottlesRecorded(step.Now, notes));
            }
        }
    }

    /// <summary>Takes ours away and puts back what stood before. True when nothing is left but what brokers that are down owe.</summary>
    public static bool Release(ClusterObservation seen, ExecutionStep step)
    {
        var (restored, owed, changes) = (new List<ThrottleKey>(), new List<ThrottleKey>(), new List<ThrottleChange>());
        foreach (var throttle in step.State.Throttles.Values.Where(throttle => throttle.IsOpen))
        {
            if (throttle.Key.Topic is { } topic && seen.MissingTopics.Contains(topic))
            {
                restored.Add(throttle.Key); // its config went with it
            }
            else if (!seen.Throttles.TryGetValue(throttle.Key, out var value))
            {
                if (throttle.Key.Broker is { } broker && !seen.Alive.Contains(broker) && throttle.State != ThrottleState.Owed)
                {
                    owed.Add(throttle.Key);
                }
            }
            else if (RemovalOf(throttle, value) is { } change)
            {
                changes.Add(change);
            }
            else if (step.IsSettled(throttle.UncertainSince) && (throttle.State == ThrottleState.Removed || step.IsSettled(throttle.RecordedAt)))
            {
                restored.Add(throttle.Key); // before that, a change may still arrive, or what is read may lag behind what was set
            }
        }

        if (restored.Count > 0)
        {
            step.Emit(new ExecutionEvent.ThrottlesRestored(step.Now, [.. restored]));
        }

        if (owed.Count > 0)
        {
            step.Emit(new ExecutionEvent.ThrottlesOwed(step.Now, [.. owed], "the broker is down; it is done when it answers again"));
        }

        Alter(changes, step);
        return step.State.Throttles.Values.All(throttle => throttle.State is ThrottleState.Restored or ThrottleState.Owed);
    }

    /// <summary>Keeps what was not answered, and whose removal Kafka took: that it is gone needs no settling time then.</summary>
    public static void Note(ImmutableArray<ThrottleAnswer> answers, ImmutableArray<ThrottleChange> changes, ExecutionStep step)
    {
        var unanswered = Keys(answers.Where(answer => answer.Kind == AnswerKind.Unknown));
        if (!unanswered.IsEmpty)
        {
            step.Emit(new ExecutionEvent.ThrottlesUnanswered(step.Now, unanswered));
        }

        var removals = changes.Where(change => IsRemoval(change, step)).Select(change => change.Key).ToHashSet();
        var removed = Keys(answers.Where(answer => answer.Kind == AnswerKind.Accepted && removals.Contains(answer.Key)));
        if (!removed.IsEmpty)
        {
            step.Emit(new ExecutionEvent.ThrottlesRemoved(step.Now, removed));
        }

        ImmutableArray<ThrottleKey> Keys(IEnumerable<ThrottleAnswer> some) =>
            [.. some.Select(answer => answer.Key).Where(key => step.State.Throttles.TryGetValue(key, out var throttle) && throttle.IsOpen)];
    }

    /// <summary>A rate is put back by setting what stood before, so the operation alone does not tell.</summary>
    private static bool IsRemoval(ThrottleChange change, ExecutionStep step) =>
        change.Operation is ThrottleOperation.Delete or ThrottleOperation.Subtract
        || (change.Operation == ThrottleOperation.Set && step.State.Throttles.TryGetValue(change.Key, out var throttle) && change.Value == throttle.Before && change.Value != throttle.Value);

    private static ThrottleChange? RemovalOf(Throttle throttle, string? value)
    {
        if (throttle.Key.Topic is null)
        {
            return value == throttle.Before || value is null || !throttle.Values.Contains(value) ? null // somebody else's value is his
                : throttle.Before is null ? new ThrottleChange(throttle.Key, ThrottleOperation.Delete, null)
                : new ThrottleChange(throttle.Key, ThrottleOperation.Set, throttle.Before);
        }

        var ours = ThrottleList.Parse(value).Intersect(throttle.Values);
        if (!ours.IsEmpty)
        {
            return new ThrottleChange(throttle.Key, ThrottleOperation.Subtract, string.Join(',', throttle.Values.Where(ours.Contains)));
        }

        // Subtracting the last entry leaves an empty override behind.
        return value?.Length == 0 && throttle.Before != "" ? new ThrottleChange(throttle.Key, ThrottleOperation.Delete, null) : null;
    }

    /// <summary>Leader side for every replica now, because leadership may move; follower side only for those to come.</summary>
    private static IEnumerable<(ThrottleKey Key, string Value)> Wanted(ExecutionMove move, long rate)
    {
        if (!move.Adding.Any())
        {
            yield break; // nothing is copied
        }

        foreach (var broker in move.Plan.Before)
        {
            yield return (new(move.Plan.Topic, null, ThrottleKey.LeaderReplicas), ThrottleList.Entry(move.Plan.Partition, broker));
            yield return (new(null, broker, ThrottleKey.LeaderRate), Text(rate));
        }

        foreach (var broker in move.Adding)
        {
            yield return (new(move.Plan.Topic, null, ThrottleKey.FollowerReplicas), ThrottleList.Entry(move.Plan.Partition, broker));
            yield return (new(null, broker, ThrottleKey.FollowerRate), Text(rate));
        }
    }

    private static bool IsStanding((ThrottleKey Key, string Value) wish, ClusterObservation seen, ExecutionStep step, Dictionary<ThrottleKey, ThrottleNote> notes)
    {
        var open = step.State.Throttles.TryGetValue(wish.Key, out var throttle) && throttle.IsOpen;
        if (open && throttle!.Values.Contains(wish.Value))
        {
            return throttle.State == ThrottleState.Set || (wish.Key.Broker is { } id && !seen.Alive.Contains(id));
        }

        if (seen.OwedElsewhere.Contains(wish.Key))
        {
            return true; // a throttle of ours stands there still; the debt is settled first
        }

        if (!seen.Throttles.TryGetValue(wish.Key, out var value))
        {
            return wish.Key.Broker is { } broker && !seen.Alive.Contains(broker);
        }

        var listed = wish.Key.Topic is not null && (value == "*" || ThrottleList.Parse(value).Contains(wish.Value));
        if (listed)
        {
            return true; // somebody else has it throttled, and it stays his
        }

        if (notes.TryGetValue(wish.Key, out var note))
        {
            notes[wish.Key] = note with { Values = note.Values.Contains(wish.Value) ? note.Values : note.Values.Add(wish.Value) };
        }
        else
        {
            notes[wish.Key] = new ThrottleNote(wish.Key, [wish.Value], open ? throttle!.Before : value);
        }

        return false;
    }

    private static void Alter(List<ThrottleChange> changes, ExecutionStep step)
    {
        if (changes.Count > 0)
        {
            step.Do(new ExecutionEffect.AlterThrottles([.. changes]));
        }
    }

    private static string Text(long rate) => rate.ToString(CultureInfo.InvariantCulture);
}
