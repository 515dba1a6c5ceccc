using System.Collections.Immutable;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Lag.Judging;

/// <summary>
/// Compares commits that were followed with what coordinators say, and mends what was followed. Between the two a commit may be on its way,
/// so a difference is one only when nothing was seen there until the coordinator said the same again.
/// </summary>
/// <remarks>One thread; the shard may be written meanwhile.</remarks>
public sealed class CommitComparison(LagShard followed)
{
    private readonly Dictionary<string, Dictionary<(string Topic, int Partition), Suspect>> _suspects = new(StringComparer.Ordinal);
    private readonly List<LatestCommit> _latest = [];
    private readonly Dictionary<(string Topic, int Partition), LatestCommit> _byPartition = [];

    /// <summary>Commits that were mended: a record of them was missed.</summary>
    public long Missed { get; private set; }

    /// <summary>Commits that were dropped: deleted, and no record of it was seen.</summary>
    public long Deleted { get; private set; }

    /// <summary>Groups that were dropped: not listed any more, and no record of it was seen.</summary>
    public long GroupsDeleted { get; private set; }

    /// <summary>Where a group is: as followed; where nothing was followed (commits older than what is kept) as its coordinator said.</summary>
    public ImmutableArray<CommittedOffset> Merge(string group, ImmutableArray<CommittedOffset> asked)
    {
        Read(group);
        var (merged, isSame) = (ImmutableArray.CreateBuilder<CommittedOffset>(Math.Max(asked.Length, _byPartition.Count)), true);
        foreach (var one in asked)
        {
            if (_byPartition.Remove((one.Topic, one.Partition), out var latest))
            {
                merged.Add(one with { Offset = latest.Offset });
                isSame &= latest.Offset == one.Offset;
            }
            else if (followed.WasDeleted(group, one.Topic, one.Partition))
            {
                isSame = false;
            }
            else
            {
                merged.Add(one);
            }
        }

        if (_byPartition.Count > 0)
        {
            merged.AddRange(_byPartition.Values.Select(one => new CommittedOffset(one.Topic, one.Partition, one.Offset)));
            merged.Sort(ConsumerProgress.Compare);
            isSame = false;
        }

        return isSame ? asked : merged.ToImmutable();
    }

    /// <summary>Whether the two differ, so that the coordinator is to be asked again; the second time differences are mended.</summary>
    public bool Check(string group, ImmutableArray<CommittedOffset>? before, ImmutableArray<CommittedOffset> asked, Func<string, bool> isVisible, long now)
    {
        Read(group);
        var (known, suspects) = (_suspects.GetValueOrDefault(group), new Dictionary<(string, int), Suspect>());
        foreach (var (key, seen) in Differences(group, known, before, asked, isVisible))
        {
            if (known is null || !known.TryGetValue(key, out var earlier) || earlier != seen)
            {
                suspects[key] = seen;
            }
            else if (followed.Mend(group, key.Topic, key.Partition, seen.Order, seen.Asked, now))
            {
                (Missed, Deleted) = seen.Asked is null ? (Missed, Deleted + 1) : (Missed + 1, Deleted);
            }
        }

        if (suspects.Count > 0)
        {
            _suspects[group] = suspects;
        }
        else
        {
            _suspects.Remove(group);
        }

        return suspects.Count > 0;
    }

    /// <summary>A group that no broker lists any more.</summary>
    public void Gone(string group)
    {
        _suspects.Remove(group);
        GroupsDeleted += followed.ForgetGroup(group) ? 1 : 0;
    }

    private IEnumerable<((string Topic, int Partition) Key, Suspect Seen)> Differences(
        string group, Dictionary<(string, int), Suspect>? known, ImmutableArray<CommittedOffset>? before, ImmutableArray<CommittedOffset> asked, Func<string, bool> isVisible)
    {
        var old = 0;
        foreach (var one in asked)
        {
            var key = (one.Topic, one.Partition);
            while (before is { } list && old < list.Length && ConsumerProgress.Compare(list[old], one) < 0)
            {
                old++;
            }

            if (_byPartition.Remove(key, out var latest))
            {
                if (latest.Offset != one.Offset)
                {
                    yield return (key, new Suspect(latest.Order, one.Offset));
                }

                continue;
            }

            // Nothing followed: a commit older than what is kept, unless it moved since or was seen to be deleted.
            var hasMoved = before is { } was && !(old < was.Length && was[old] == one);
            if (hasMoved || known?.ContainsKey(key) == true || followed.WasDeleted(group, one.Topic, one.Partition))
            {
                yield return (key, new Suspect(null, one.Offset));
            }
        }

        foreach (var (key, latest) in _byPartition)
        {
            if (isVisible(key.Topic))
            {
                yield return (key, new Suspect(latest.Order, null));
            }
        }
    }

    private void Read(string group)
    {
        _byPartition.Clear();
        _latest.Clear();
        followed.ReadLatest(group, _latest);
        foreach (var one in _latest)
        {
            _byPartition[(one.Topic, one.Partition)] = one;
        }
    }

    /// <summary>What stood on both sides when they differed.</summary>
    /// <param name="Order">Of the latest commit followed; null where there is none.</param>
    /// <param name="Asked">What the coordinator said; null where it said nothing.</param>
    private readonly record struct Suspect(long? Order, long? Asked);
}
