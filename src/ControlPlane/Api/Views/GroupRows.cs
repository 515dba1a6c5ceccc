using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Consumer groups of a picture with their plain lag.</summary>
internal sealed class GroupRows
{
    public static readonly SortFields<GroupRows> Fields = new(
        SortFields<GroupRows>.Number("id", (_, row) => row), // groups are sorted by id
        SortFields<GroupRows>.Word("type", (rows, row) => rows.All[row].Type),
        SortFields<GroupRows>.Word("state", (rows, row) => rows.All[row].State),
        SortFields<GroupRows>.Word("protocolType", (rows, row) => rows.All[row].ProtocolType),
        SortFields<GroupRows>.Number("coordinatorId", (rows, row) => rows.All[row].CoordinatorId ?? double.NaN),
        SortFields<GroupRows>.Number("members", (rows, row) => rows.All[row].Members ?? double.NaN),
        SortFields<GroupRows>.Number("topics", (rows, row) => rows.All[row].Topics ?? double.NaN),
        SortFields<GroupRows>.Number("partitions", (rows, row) => rows.All[row].Partitions ?? double.NaN),
        SortFields<GroupRows>.Number("lag", (rows, row) => rows.All[row].Lag ?? double.NaN),
        SortFields<GroupRows>.Number("maxPartitionLag", (rows, row) => rows.All[row].MaxPartitionLag ?? double.NaN),
        SortFields<GroupRows>.Number("timeLag", (rows, row) => rows.All[row].Judgement?.TimeLagSeconds ?? double.NaN),
        SortFields<GroupRows>.Number("status", (rows, row) => rows.All[row].Judgement is { } judged ? Severity(judged.Word) : double.NaN),
        SortFields<GroupRows>.Number("unknownLagPartitions", (rows, row) => rows.All[row].UnknownLagPartitions));

    private readonly ClusterModel _model;
    private readonly int[] _readers;

    public GroupRows(ClusterModel model, ImmutableArray<Group> groups)
    {
        _model = model;
        _readers = new int[model.Partitions.TopicCount];
        Groups = groups;
        All = new GroupDto[groups.Length];
        var topics = new TopicFinder(model.Partitions);
        for (var index = 0; index < groups.Length; index++)
        {
            All[index] = Make(groups[index], topics);
        }

        Sorted = new SortedRows<GroupRows>(this, All.Length, Fields);
    }

    public ImmutableArray<Group> Groups { get; }

    public GroupDto[] All { get; }

    public SortedRows<GroupRows> Sorted { get; }

    /// <summary>How many groups have committed on a topic.</summary>
    public int ReadersOf(int topic) => _readers[topic];

    public int Find(string id)
    {
        int low = 0, high = Groups.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(Groups[middle].Id, id);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    public bool Reads(int row, string topic)
    {
        foreach (var commit in Groups[row].Offsets ?? [])
        {
            if (string.Equals(commit.Topic, topic, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lag of one commit; null while the end of the partition is unknown or the topic is gone.</summary>
    public static long? LagOf(ClusterModel model, int partition, long committed) =>
        partition >= 0 && PartitionRows.At(model.Load.LogEndOffset, partition) is >= 0 and var end ? Math.Max(0, end - committed) : null;

    /// <summary>The groups that committed on a topic, those furthest behind first.</summary>
    public List<TopicGroupDto> ReadersOfTopic(int topic)
    {
        var name = _model.Partitions.TopicName[topic];
        var readers = new List<TopicGroupDto>(_readers[topic]);
        for (var row = 0; row < Groups.Length; row++)
        {
            var group = Groups[row];
            long? lag = null;
            var partitions = 0;
            foreach (var commit in group.Offsets ?? [])
            {
                if (string.Equals(commit.Topic, name, StringComparison.Ordinal))
                {
                    partitions++;
                    var own = LagOf(_model, PartitionOf(_model.Partitions, topic, commit.Partition), commit.Offset);
                    lag = own is null ? lag : (lag ?? 0) + own;
                }
            }

            if (partitions > 0)
            {
                readers.Add(new TopicGroupDto(group.Id, group.State, lag, partitions, All[row].Judgement));
            }
        }

        return [.. readers.OrderByDescending(reader => reader.Lag ?? -1).ThenBy(reader => reader.GroupId, StringComparer.Ordinal)];
    }

    private static int Severity(string word) => word switch { "ERR" => 3, "WARN" => 2, _ => 1 };

    public static int PartitionOf(PartitionTable table, int topic, int number) =>
        topic >= 0 && number >= 0 && number < table.PartitionsOf(topic) ? table.TopicStart[topic] + number : -1;

    private GroupDto Make(Group group, TopicFinder topics)
    {
        var lag = new LagSum(_model);
        var lastTopic = -2;
        HashSet<int>? seen = null;
        HashSet<string>? gone = null;
        foreach (var commit in group.Offsets ?? [])
        {
            var topic = topics.Find(commit.Topic);
            if (topic < 0)
            {
                (gone ??= new(StringComparer.Ordinal)).Add(commit.Topic);
            }
            else if (topic != lastTopic && (seen ??= []).Add(topic))
            {
                _readers[topic]++;
            }

            lastTopic = topic;
            lag.Add(commit, topic);
        }

        return new GroupDto(
            group.Id,
            group.Type,
            group.State,
            group.ProtocolType,
            group.CoordinatorId,
            group.Members?.Length,
            group.Offsets is null ? null : (seen?.Count ?? 0) + (gone?.Count ?? 0),
            group.Offsets?.Length,
            lag.Sum ?? (group.Offsets is { IsEmpty: true } ? 0 : null),
            lag.Max,
            lag.MaxAt,
            lag.Unknown,
            group.Problem,
            JudgementRows.Of(_model.Judgements.GetValueOrDefault(group.Id)));
    }

    private struct LagSum(ClusterModel model)
    {
        private int _maxPartition = -1;

        public long? Sum { get; private set; }

        public long? Max { get; private set; }

        public int Unknown { get; private set; }

        public readonly string? MaxAt => _maxPartition < 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{model.Partitions.TopicName[model.Partitions.Topic[_maxPartition]]}-{model.Partitions.NumberOf(_maxPartition)}");

        public void Add(CommittedOffset commit, int topic)
        {
            var partition = PartitionOf(model.Partitions, topic, commit.Partition);
            if (LagOf(model, partition, commit.Offset) is not { } own)
            {
                Unknown++;
                return;
            }

            Sum = (Sum ?? 0) + own;
            if (Max is null || own > Max)
            {
                (Max, _maxPartition) = (own, partition);
            }
        }
    }
}
