using System.Collections.Immutable;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Lag.Judging;

/// <summary>
/// Feeds a store from polled pictures. A poll shows where a group is, not when it committed: an offset that moved counts as committed when it
/// was read, one that stands still as no commit. A group that commits the same offset again and again therefore looks silent here.
/// </summary>
/// <remarks>One thread. Without <paramref name="shard"/> only end offsets are kept, while somebody else tells commits better. <paramref name="followed"/>, if there is one, is filled by somebody else; here it only learns which topics are gone.</remarks>
public sealed class PolledFeed(EndOffsetStore ends, LagShard? shard, LagShard? followed = null, LagShard? shares = null)
{
    /// <summary>Such groups commit nothing: what is polled of them is kept apart, whoever tells commits.</summary>
    private const string ShareType = "share";

    /// <summary>Those that an earlier process knew too: one may have been made anew since.</summary>
    private readonly Dictionary<string, (int Number, Guid Id)> _topics = ends.Identified().ToDictionary(topic => topic.Name, topic => (topic.Number, topic.Id), StringComparer.Ordinal);
    private readonly Dictionary<string, (ImmutableArray<CommittedOffset> Offsets, DateTimeOffset At)> _seen = new(StringComparer.Ordinal);
    private LagShard? _shard = shard;
    private bool _isCompared;
    private PartitionTable? _table;
    private long _tableAt;
    private DateTimeOffset _endsAt = DateTimeOffset.MinValue;
    private ImmutableArray<Group> _groups = [];

    /// <summary>Where commits go from now on; null: nowhere. What is in it is where groups were when they were last seen.</summary>
    public void StoreIn(LagShard? other) => (_shard, _isCompared) = (other, _isCompared && ReferenceEquals(_shard, other));

    /// <summary>Takes what is new in a picture; whether there was anything.</summary>
    public bool Take(ClusterModel model)
    {
        var isNew = TakeTopics(model.Partitions, model.At) | TakeEnds(model);
        return TakeGroups(model) | isNew;
    }

    /// <summary>A topic that is gone or was made anew takes its history with it.</summary>
    private bool TakeTopics(PartitionTable table, DateTimeOffset at)
    {
        if (ReferenceEquals(table, _table) || table.TopicCount == 0)
        {
            _tableAt = at.ToUnixTimeMilliseconds(); // until now these were the topics
            return false;
        }

        foreach (var (name, known) in _topics.ToArray())
        {
            var index = table.FindTopic(name);
            if (index >= 0 && (IdOf(table, index) == known.Id || IdOf(table, index) == Guid.Empty))
            {
                continue;
            }

            ends.Forget(known.Number);
            _shard?.ForgetTopic(name);
            shares?.ForgetTopic(name);
            followed?.ForgetTopic(name, index < 0 ? long.MaxValue : _tableAt); // of a topic made anew, what was committed since counts
            _topics.Remove(name);
            foreach (var (group, seen) in _seen.ToArray())
            {
                _seen[group] = (seen.Offsets.RemoveAll(one => string.Equals(one.Topic, name, StringComparison.Ordinal)), seen.At);
            }
        }

        (_table, _tableAt) = (table, at.ToUnixTimeMilliseconds());
        return true;
    }

    private bool TakeEnds(ClusterModel model)
    {
        var at = model.Samples.FirstOrDefault(sample => sample.Kind == SampleKind.Offsets)?.LastSuccess;
        if (at is not { } time || time <= _endsAt || model.Groups is not { } groups)
        {
            return false;
        }

        _endsAt = time;
        var read = new HashSet<int>(); // only partitions that somebody has committed on
        var (topic, name) = (-1, ""); // offsets of a topic come together
        foreach (var group in groups)
        {
            foreach (var commit in group.Offsets ?? [])
            {
                (topic, name) = string.Equals(name, commit.Topic, StringComparison.Ordinal) ? (topic, name) : (model.Partitions.FindTopic(commit.Topic), commit.Topic);
                if (topic >= 0 && commit.Partition >= 0 && commit.Partition < model.Partitions.PartitionsOf(topic)
                    && model.Partitions.TopicStart[topic] + commit.Partition is var partition && partition < model.Load.LogEndAt.Length && read.Add(partition))
                {
                    // At the time when it was told: one that was not asked again has not stood still, nobody looked.
                    ends.Add(NumberOf(model.Partitions, commit.Topic), commit.Partition, model.Load.LogEndOffset[partition], model.Load.LogEndAt[partition], partition < model.Load.LogStartOffset.Length ? model.Load.LogStartOffset[partition] : CommitWindow.Unknown);
                }
            }
        }

        return true;
    }

    private bool TakeGroups(ClusterModel model)
    {
        if (model.Groups is not { } groups || groups.Equals(_groups))
        {
            return false;
        }

        var isWhole = model.Samples.FirstOrDefault(sample => sample.Kind == SampleKind.Groups) is { Failures.IsEmpty: true };
        foreach (var group in groups)
        {
            if (group is { Offsets: { } offsets, OffsetsAt: { } at } && (!_seen.TryGetValue(group.Id, out var before) || before.At < at))
            {
                var into = group.Type == ShareType ? shares ?? _shard : _shard;
                TakeCommits(model.Partitions, into, group.Id, _seen.TryGetValue(group.Id, out before) ? before.Offsets : into?.OffsetsOf(group.Id) ?? [], offsets, at.ToUnixTimeMilliseconds());
                _seen[group.Id] = (offsets, at);
            }
        }

        if (isWhole) // a coordinator that did not answer hides its groups; they are not gone
        {
            var there = groups.Select(group => group.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _seen.Keys.Concat(_isCompared ? [] : Kept()).Where(id => !there.Contains(id)).ToArray())
            {
                _shard?.ForgetGroup(gone);
                shares?.ForgetGroup(gone);
                _seen.Remove(gone);
            }

            _isCompared = true;
        }

        _groups = groups;
        return true;
    }

    /// <summary>Groups of an earlier process, or of who told commits before us: one may be gone since.</summary>
    private string[] Kept() => [.. _shard?.Names() ?? [], .. shares?.Names() ?? []];

    /// <summary>Both lists are in the order of <see cref="ConsumerProgress.Compare"/>.</summary>
    private void TakeCommits(PartitionTable table, LagShard? into, string group, ImmutableArray<CommittedOffset> before, ImmutableArray<CommittedOffset> after, long at)
    {
        var old = 0;
        foreach (var commit in after)
        {
            while (old < before.Length && ConsumerProgress.Compare(before[old], commit) < 0)
            {
                into?.Forget(group, before[old].Topic, before[old].Partition, at, at);
                old++;
            }

            var isKnown = old < before.Length && ConsumerProgress.Compare(before[old], commit) == 0;
            if ((!isKnown || before[old].Offset != commit.Offset) && IndexOf(table, commit) >= 0 && commit.Offset >= 0)
            {
                NumberOf(table, commit.Topic);
                into?.Commit(group, commit.Topic, commit.Partition, new CommitPoint(commit.Offset, at, at, at));
            }

            old += isKnown ? 1 : 0;
        }

        for (; old < before.Length; old++)
        {
            into?.Forget(group, before[old].Topic, before[old].Partition, at, at);
        }
    }

    private int NumberOf(PartitionTable table, string topic)
    {
        if (!_topics.TryGetValue(topic, out var known))
        {
            _topics[topic] = known = (ends.IdOf(topic), IdOf(table, table.FindTopic(topic)));
            ends.Identify(known.Number, known.Id);
        }

        return known.Number;
    }

    /// <summary>Brokers before 2.8 give topics no id.</summary>
    private static Guid IdOf(PartitionTable table, int topic) => topic < table.TopicId.Length ? table.TopicId[topic] : Guid.Empty;

    private static int IndexOf(PartitionTable table, CommittedOffset commit) =>
        table.FindTopic(commit.Topic) is >= 0 and var topic && commit.Partition >= 0 && commit.Partition < table.PartitionsOf(topic) ? table.TopicStart[topic] + commit.Partition : -1;
}
