using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag.Metrics;

/// <summary>Makes the page of one cluster while its groups are judged, one after the other. One thread.</summary>
internal sealed class LagPageBuilder
{
    private readonly string _cluster;
    private readonly LagMetricsOptions _options;
    private readonly LagNames _names;
    private readonly SeriesWriter[] _groups;
    private readonly TopRows<TopicFigures> _topics;
    private readonly TopRows<PartitionFigures> _partitions;
    private readonly Dictionary<string, TopicFigures> _topicsOfGroup = new(StringComparer.Ordinal);
    private LagVerdict[] _verdicts = [];

    public LagPageBuilder(ClusterId cluster, LagMetricsOptions options, LagNames names)
    {
        (_cluster, _options, _names) = (cluster.Value, options, names);
        _groups = [.. names.Groups.Select(name => new SeriesWriter(name.Name))];
        (_topics, _partitions) = (new(options.MaxSeries), new(options.MaxSeries));
    }

    /// <summary>How many partitions topics have, for names that tell those never committed on.</summary>
    public PartitionTable Partitions { get; init; } = PartitionTable.Empty;

    /// <summary>Null where commits are not counted.</summary>
    public CommitCounts? Commits { get; init; }

    /// <summary>A group of which nothing is kept: only what its coordinator says of it.</summary>
    public void Add(Group group, ClusterModel model) => Write(new GroupFigures(_cluster, group, null, GroupLag.Of(model, group).Lag, GroupLagVerdict.NotFound));

    public void Add(Group group, LagSnapshot snapshot, GroupJudgement judgement, long now)
    {
        var figures = new GroupFigures(_cluster, group, judgement, LagOf(snapshot, now), _options.Burrow ? Judge(snapshot, now) : GroupLagVerdict.NotFound) { Commits = Commits?.Of(group.Id) };
        if (_options.ByPartition || _options.ByTopic)
        {
            AddPartitions(figures, snapshot, now);
        }

        Write(figures);
    }

    public LagPage Build()
    {
        var families = new List<LagFamily>(_names.Groups.Count);
        for (var i = 0; i < _groups.Length; i++)
        {
            families.Add(new LagFamily(_names.Groups[i].Name, _names.Groups[i].Help, _groups[i].ToArray()) { IsCounter = _names.Groups[i].IsCounter });
        }

        families.AddRange(_names.Topics.Select(name => Family(name, _topics.Rows)));
        families.AddRange(_names.Partitions.Select(name => Family(name, _partitions.Rows.Where(row => row.IsCommitted || name.TellsUncommitted))));
        families.AddRange(_names.Ends.Select(name => Family(name, _partitions.Rows.Where(row => row.IsCommitted).DistinctBy(row => (row.Topic, row.Partition)))));
        if (_options.ByPartition || _options.ByTopic)
        {
            families.Add(LeftOut());
        }

        return new LagPage([.. families.Where(family => family.Lines.Length > 0)]);
    }

    private void Write(GroupFigures figures)
    {
        for (var i = 0; i < _groups.Length; i++)
        {
            Line(_groups[i], _names.Groups[i], figures);
        }
    }

    private void AddPartitions(GroupFigures group, LagSnapshot snapshot, long now)
    {
        foreach (var member in _options.LagExporter ? group.Group.Members ?? [] : [])
        {
            foreach (var assigned in member.Assigned)
            {
                group.Owners[(assigned.Topic, assigned.Partition)] = member;
            }
        }

        _topicsOfGroup.Clear();
        for (var i = 0; i < snapshot.Count; i++)
        {
            var window = snapshot.Window(i, now);
            long? lag = window.CurrentLag < 0 ? null : window.CurrentLag;
            var (name, timeLag) = (snapshot.Topic(i), TimeLag.Of(window));
            (group.TimeLag, group.MaxLag) = (TimeLag.Worse(group.TimeLag, timeLag), Math.Max(group.MaxLag, lag ?? 0));
            if (_options.ByPartition && _partitions.IsWanted(lag ?? -1))
            {
                var end = window.EndOffsets.IsEmpty ? CommitWindow.Unknown : window.EndOffsets[^1];
                _partitions.Add(new PartitionFigures(group, name, snapshot.Partition(i), window.LastOffset, end, window.LogStartOffset, lag, timeLag, _options.Burrow ? _verdicts[i] : default), lag ?? -1);
            }

            var topic = _topicsOfGroup.TryGetValue(name, out var known) ? known : _topicsOfGroup[name] = new TopicFigures(group, name);
            (topic.Lag, topic.Committed, topic.TimeLag) = (topic.Lag + (lag ?? 0), topic.Committed + window.LastOffset, TimeLag.Worse(topic.TimeLag, timeLag));
        }

        if (_options.KafkaExporter && group.Group.Type != "share")
        {
            AddUncommitted(group, snapshot);
        }

        foreach (var topic in _options.ByTopic ? _topicsOfGroup.Values : Enumerable.Empty<TopicFigures>())
        {
            if (_topics.IsWanted(topic.Lag))
            {
                _topics.Add(topic, topic.Lag);
            }
        }
    }

    /// <summary>kafka_exporter asks for all partitions of the topics that a group has committed on, and tells -1 where it has not.</summary>
    private void AddUncommitted(GroupFigures group, LagSnapshot snapshot)
    {
        var committed = new HashSet<(string, int)>();
        for (var i = 0; i < snapshot.Count; i++)
        {
            committed.Add((snapshot.Topic(i), snapshot.Partition(i)));
        }

        foreach (var topic in _topicsOfGroup.Values)
        {
            var partitions = Partitions.FindTopic(topic.Topic) is >= 0 and var found ? Partitions.PartitionsOf(found) : 0;
            for (var partition = 0; partition < partitions; partition++)
            {
                if (!committed.Contains((topic.Topic, partition)))
                {
                    topic.Uncommitted++;
                    if (_partitions.IsWanted(-1))
                    {
                        _partitions.Add(new PartitionFigures(group, topic.Topic, partition, -1, CommitWindow.Unknown, CommitWindow.Unknown, -1, TimeLag.Unknown, default), -1);
                    }
                }
            }
        }
    }

    private GroupLagVerdict Judge(LagSnapshot snapshot, long now)
    {
        if (_verdicts.Length < snapshot.Count)
        {
            _verdicts = new LagVerdict[snapshot.Count];
        }

        for (var i = 0; i < snapshot.Count; i++)
        {
            _verdicts[i] = BurrowRules.Judge(snapshot.BurrowWindow(i, now));
        }

        return GroupLagVerdict.Of(_verdicts.AsSpan(0, snapshot.Count));
    }

    private static long? LagOf(LagSnapshot snapshot, long now)
    {
        long? sum = snapshot.Count == 0 ? 0 : null;
        for (var i = 0; i < snapshot.Count; i++)
        {
            var lag = snapshot.Window(i, now).CurrentLag;
            sum = lag < 0 ? sum : (sum ?? 0) + Math.Min(lag, long.MaxValue - (sum ?? 0));
        }

        return sum;
    }

    private LagFamily LeftOut()
    {
        var lines = new SeriesWriter("kcp_lag_series_left_out");
        foreach (var (level, count, isOn) in new[] { ("topic", _topics.LeftOut, _options.ByTopic), ("partition", _partitions.LeftOut, _options.ByPartition) })
        {
            if (isOn)
            {
                lines.Begin().Label("cluster", _cluster).Label("level", level).End(count);
            }
        }

        return new LagFamily("kcp_lag_series_left_out", "Topics or partitions of groups that LagMetrics:MaxSeries keeps out of here, those with the least lag", lines.ToArray());
    }

    private static LagFamily Family<TRow>(LagName<TRow> name, IEnumerable<TRow> rows)
    {
        var lines = new SeriesWriter(name.Name);
        foreach (var row in rows)
        {
            Line(lines, name, row);
        }

        return new LagFamily(name.Name, name.Help, lines.ToArray());
    }

    private static void Line<TRow>(SeriesWriter lines, LagName<TRow> name, TRow row)
    {
        if (name.Value(row) is { } value)
        {
            name.Label(lines.Begin(), row);
            lines.End(value);
        }
    }
}
