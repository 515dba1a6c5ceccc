using System.Collections.Immutable;
using System.Globalization;

namespace ControlPlane.Engine.Lag.Resets;

/// <summary>
/// What a reset would do, partition by partition. As Kafka's own tool has it: a target outside of the log is brought to its nearest
/// end, and a time after the last record means the log end.
/// </summary>
public static class OffsetResets
{
    /// <summary>Positions are those of the partitions chosen, in any order; the answer is sorted.</summary>
    public static ImmutableArray<OffsetChange> Preview(OffsetResetWish wish, IEnumerable<ResetPosition> positions)
    {
        var wanted = wish.Target == ResetTarget.Offsets ? wish.Offsets.ToDictionary(one => (one.Topic, one.Partition)) : [];
        return
        [
            .. positions.OrderBy(one => (one.Topic, one.Partition), PartitionOrder.Instance)
                .Select(one => Change(wish, one, wanted.TryGetValue((one.Topic, one.Partition), out var target) ? target : null)),
        ];
    }

    /// <summary>A target whose partition has another commit than was expected when it was chosen; the group read on meanwhile.</summary>
    /// <param name="within">Messages by which commits may seem another though nobody read on.</param>
    public static ImmutableArray<OffsetTarget> Stale(OffsetResetWish wish, IEnumerable<ResetPosition> positions, long within = 0)
    {
        if (wish.Target != ResetTarget.Offsets)
        {
            return [];
        }

        var committed = positions.ToDictionary(one => (one.Topic, one.Partition), one => one.Committed);
        return [.. wish.Offsets.Where(one => one.Expected is { } expected && committed.GetValueOrDefault((one.Topic, one.Partition)) is var now && !(now is { } offset && Math.Abs(offset - expected) <= within))];
    }

    private static OffsetChange Change(OffsetResetWish wish, ResetPosition at, OffsetTarget? wanted)
    {
        if (at is not { LogStart: { } start, LogEnd: { } end })
        {
            return new OffsetChange(at.Topic, at.Partition, at.Committed, null, null, null, "The log of this partition could not be read: it has no leader, or the topic is gone. Its offset stays.");
        }

        var (target, note) = Target(wish, at, start, end, wanted?.Offset);
        if (target is { } asked && (asked < start || asked > end))
        {
            target = Math.Clamp(asked, start, end);
            note = string.Create(CultureInfo.InvariantCulture, $"{asked} is {(asked < start ? "below the log start" : "above the log end")}; {target} is the nearest there is.");
        }

        return new OffsetChange(at.Topic, at.Partition, at.Committed, target, LagOf(at.Committed, end), target is { } to ? end - to : null, note ?? Loss(at, start));
    }

    private static (long? Target, string? Note) Target(OffsetResetWish wish, ResetPosition at, long start, long end, long? wanted) => wish.Target switch
    {
        ResetTarget.Earliest => (start, null),
        ResetTarget.Latest => (end, null),
        ResetTarget.Timestamp => at.AtTime is { } found ? (found, null) : (end, "No record is as young as that; the log end it is."),
        ResetTarget.Shift when at.Committed is { } committed => (SaturatingAdd(committed, wish.Shift), null),
        ResetTarget.Shift => (null, "Nothing is committed here, so there is nothing to shift."),
        ResetTarget.Offsets => (wanted, null),
        _ => throw new InvalidOperationException($"Unhandled target {wish.Target}"),
    };

    private static long SaturatingAdd(long committed, long shift) =>
        shift > 0 && committed > long.MaxValue - shift ? long.MaxValue : committed + shift;

    /// <summary>A commit below the log start: what lay between was deleted before it was read.</summary>
    private static string? Loss(ResetPosition at, long start) => at.Committed is { } committed && committed < start
        ? string.Create(CultureInfo.InvariantCulture, $"{start - committed} messages after the committed offset are gone already: retention was faster than the group.")
        : null;

    private static long? LagOf(long? committed, long end) => committed is { } offset ? Math.Max(0, end - offset) : null;
}
