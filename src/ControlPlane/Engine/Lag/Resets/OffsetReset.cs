using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ControlPlane.Engine.Lag.Resets;

/// <summary>Where the committed offsets of a group shall go; the choices of Kafka's own kafka-consumer-groups tool.</summary>
public enum ResetTarget
{
    Earliest,
    Latest,
    Timestamp,
    Shift,
    Offsets,
}

/// <summary>A wish to move committed offsets.</summary>
/// <param name="At">For <see cref="ResetTarget.Timestamp"/>: to the first record written at or after it.</param>
/// <param name="Shift">For <see cref="ResetTarget.Shift"/>: messages forward, or back where negative.</param>
/// <param name="Offsets">For <see cref="ResetTarget.Offsets"/>: what each partition shall get.</param>
public sealed record OffsetResetWish(ResetTarget Target, DateTimeOffset? At = null, long Shift = 0, ImmutableArray<OffsetTarget> Offsets = default)
{
    /// <summary>Only these topics and partitions; empty for all that the group committed.</summary>
    public ImmutableArray<ResetScope> Scopes { get; init; } = [];

    /// <summary>The partitions it is about, of those that the group committed. What is named without a commit is in it too: a commit can be made there.</summary>
    public ImmutableArray<(string Topic, int Partition)> PartitionsOf(IEnumerable<(string Topic, int Partition)> committed, Func<string, int> partitionsOfTopic)
    {
        var chosen = new SortedSet<(string Topic, int Partition)>(PartitionOrder.Instance);
        if (Target == ResetTarget.Offsets)
        {
            chosen.UnionWith(Offsets.Select(one => (one.Topic, one.Partition)));
        }
        else if (Scopes.IsEmpty)
        {
            chosen.UnionWith(committed);
        }
        else
        {
            foreach (var scope in Scopes)
            {
                chosen.UnionWith((scope.Partitions.IsEmpty ? [.. Enumerable.Range(0, partitionsOfTopic(scope.Topic))] : scope.Partitions).Select(partition => (scope.Topic, partition)));
            }
        }

        return [.. chosen];
    }
}

/// <summary>A topic, or some of its partitions.</summary>
/// <param name="Partitions">Empty for all.</param>
public sealed record ResetScope(string Topic, ImmutableArray<int> Partitions)
{
    /// <summary>"orders" or "orders:0,3", as Kafka's own tool writes it. A topic has no colon in its name.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ResetScope? scope)
    {
        scope = null;
        if (string.IsNullOrWhiteSpace(text) || text.Split(':') is not [{ Length: > 0 } topic, .. { Length: <= 1 } rest])
        {
            return false;
        }

        var partitions = ImmutableArray.CreateBuilder<int>();
        foreach (var part in rest is [var list] ? list.Split(',') : [])
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
            {
                return false;
            }

            partitions.Add(partition);
        }

        scope = new ResetScope(topic, partitions.ToImmutable());
        return true;
    }
}

/// <summary>The next offset that a group shall read of a partition.</summary>
/// <param name="Expected">What must still be committed for this to be done; null to do it whatever is there now.</param>
public readonly record struct OffsetTarget(string Topic, int Partition, long Offset, long? Expected = null);

/// <summary>What was read of one partition for a reset. Null is unknown, or nothing committed.</summary>
/// <param name="AtTime">First offset at or after the asked time; null where there is no such record.</param>
public readonly record struct ResetPosition(string Topic, int Partition, long? Committed, long? LogStart, long? LogEnd, long? AtTime);

/// <summary>What a reset does to one partition.</summary>
/// <param name="Target">The offset to commit; null where it can't be told, and then the note says why.</param>
/// <param name="LagBefore">Messages; null where unknown.</param>
/// <param name="LagAfter">Messages, by the log end at the time of the preview.</param>
public sealed record OffsetChange(string Topic, int Partition, long? Committed, long? Target, long? LagBefore, long? LagAfter, string? Note)
{
    public bool Moves => Target is { } target && target != Committed;
}

/// <summary>By topic name as Kafka compares them, then by partition.</summary>
public sealed class PartitionOrder : IComparer<(string Topic, int Partition)>
{
    public static readonly PartitionOrder Instance = new();

    public int Compare((string Topic, int Partition) x, (string Topic, int Partition) y)
    {
        var byTopic = string.CompareOrdinal(x.Topic, y.Topic);
        return byTopic != 0 ? byTopic : x.Partition.CompareTo(y.Partition);
    }
}
