using System.Runtime.InteropServices;
using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Reads partition lines into growing columns, in the order of the file.</summary>
internal sealed class PartitionLines(BrokerTable brokers)
{
    private readonly TopicNames _topics = new();
    private readonly List<int> _minInSync = [];
    private readonly int[] _seenAt = new int[brokers.Ids.Length];
    private int[] _replicas = new int[8];
    private int[] _dirs = new int[8];
    private ReplicaMarks[] _marks = new ReplicaMarks[8];
    private int _count;
    private int _line;
    private bool _hasDirs;
    private bool _hasMarks;

    public List<string> Topics => _topics.Names;

    public Chunks<int> Topic { get; } = new();

    public Chunks<int> Number { get; } = new();

    public Chunks<int> Line { get; } = new();

    public Chunks<int> Start { get; } = new();

    public Chunks<int> Lead { get; } = new();

    public Chunks<double> Loads { get; } = new();

    public Chunks<int> Broker { get; } = new();

    /// <summary>Empty while no line has told one; the same holds for <see cref="Marks"/>.</summary>
    public Chunks<int> Dir { get; } = new();

    public Chunks<ReplicaMarks> Marks { get; } = new();

    public List<int> Estimated { get; } = [];

    public IReadOnlyList<int> MinInSync => _minInSync;

    public void Read(ref Utf8JsonReader json, ReadOnlySpan<byte> text, int line)
    {
        _line = line;
        var row = new PartitionRow();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ReadField(ref json, ref row);
        }

        row.CheckComplete();
        if (row.DirsAt >= 0)
        {
            ReadDirs(text[row.DirsAt..]);
        }

        if (row.HasMarks)
        {
            ReadMarks(text, ref row);
        }

        Add(ref row);
    }

    private void ReadField(ref Utf8JsonReader json, ref PartitionRow row)
    {
        switch (PartitionFields.Of(json.ValueSpan))
        {
            case PartitionField.Topic: row.Topic = row.Topic == PartitionRow.Missing ? _topics.Read(ref json) : throw Twice("topic"); break;
            case PartitionField.Partition: row.Number = JsonValue.Number(ref json, "partition"); break;
            case PartitionField.Replicas: ReadReplicas(ref json, ref row); break;
            case PartitionField.Leader: row.Leader = ReadLeader(ref json); break;
            case PartitionField.LogDirs: row.DirsAt = PartitionRow.Later(ref json, "logDirs"); break;
            case PartitionField.Size: row.Size = JsonValue.Amount(ref json, "size"); break;
            case PartitionField.BytesIn: row.BytesIn = JsonValue.Amount(ref json, "bytesIn"); break;
            case PartitionField.BytesOut: row.BytesOut = JsonValue.Amount(ref json, "bytesOut"); break;
            case PartitionField.Cpu: row.Cpu = JsonValue.Amount(ref json, "cpu"); break;
            case PartitionField.FollowerCpu: row.FollowerCpu = JsonValue.Amount(ref json, "followerCpu"); break;
            case PartitionField.Estimated: row.IsEstimated = JsonValue.Flag(ref json, "estimated"); break;
            case PartitionField.MinInSync: row.MinInSync = JsonValue.Number(ref json, "minInSync"); break;
            case PartitionField.OutOfSync: row.OutOfSyncAt = PartitionRow.Later(ref json, "outOfSync"); break;
            case PartitionField.Offline: row.OfflineAt = PartitionRow.Later(ref json, "offline"); break;
            case PartitionField.Adding: row.AddingAt = PartitionRow.Later(ref json, "adding"); break;
            case PartitionField.Removing: row.RemovingAt = PartitionRow.Later(ref json, "removing"); break;
            default: JsonValue.Ignore(ref json); break;
        }
    }

    private void ReadReplicas(ref Utf8JsonReader json, ref PartitionRow row)
    {
        JsonValue.Begin(ref json, JsonTokenType.StartArray, "replicas");
        if (row.HasReplicas)
        {
            throw Twice("replicas");
        }

        (row.HasReplicas, _count) = (true, 0);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var id = JsonValue.NumberHere(ref json, "a replica");
            var broker = brokers.Find(id);
            if (broker < 0)
            {
                throw new LineRefusal($"broker {id} in replicas is not in the file", "ids of brokers whose lines come before the partitions");
            }

            if (_seenAt[broker] == _line)
            {
                throw new LineRefusal($"broker {id} is in replicas twice", "each broker once");
            }

            (_seenAt[broker], Places(_count)[_count]) = (_line, broker);
            _count++;
        }

        if (_count == 0)
        {
            throw new LineRefusal("the partition has no replicas", "at least one broker id");
        }
    }

    private static LineRefusal Twice(string field) => new($"{field} is there twice", "each field once");

    private int[] Places(int count)
    {
        if (count == _replicas.Length)
        {
            Array.Resize(ref _replicas, count * 2);
            Array.Resize(ref _dirs, count * 2);
            Array.Resize(ref _marks, count * 2);
        }

        return _replicas;
    }

    private int ReadLeader(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null || (json.TokenType == JsonTokenType.Number && json.ValueSpan.SequenceEqual("-1"u8)))
        {
            return PartitionRow.NoLeader;
        }

        var id = JsonValue.NumberHere(ref json, "leader");
        var broker = brokers.Find(id);
        return broker >= 0 ? broker : throw new LineRefusal($"the leader, broker {id}, is not in the file", "one of the replicas, or -1 where there is none");
    }

    private void ReadDirs(ReadOnlySpan<byte> text)
    {
        var json = new Utf8JsonReader(text);
        json.Read();
        var count = 0;
        for (; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count < _count)
            {
                _dirs[count] = ReadDir(ref json, _replicas[count]);
            }
        }

        if (count != _count)
        {
            throw new LineRefusal($"logDirs has {count} entries for {_count} replicas", "one for each replica, in the same order");
        }

        if (!_hasDirs)
        {
            _hasDirs = true;
            Dir.Add(-1, Broker.Count);
        }
    }

    private int ReadDir(ref Utf8JsonReader json, int broker)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return -1;
        }

        if (json.TokenType != JsonTokenType.String)
        {
            throw JsonValue.Wrong(ref json, "an entry of logDirs", "a path, or null where it is not known");
        }

        var dir = brokers.FindDir(broker, ref json);
        return dir >= 0 ? dir : throw new LineRefusal($"broker {brokers.Ids[broker]} has no log dir {json.GetString()}", "a path among the logDirs of that broker's line");
    }

    private void ReadMarks(ReadOnlySpan<byte> text, ref PartitionRow row)
    {
        if (!_hasMarks)
        {
            _hasMarks = true;
            Marks.Add(ReplicaMarks.None, Broker.Count);
        }

        Array.Clear(_marks);
        Mark(text, row.OutOfSyncAt, ReplicaMarks.OutOfSync, "outOfSync");
        Mark(text, row.OfflineAt, ReplicaMarks.Offline, "offline");
        Mark(text, row.AddingAt, ReplicaMarks.Adding, "adding");
        Mark(text, row.RemovingAt, ReplicaMarks.Removing, "removing");
    }

    private void Mark(ReadOnlySpan<byte> text, int at, ReplicaMarks mark, string field)
    {
        if (at < 0)
        {
            return;
        }

        var json = new Utf8JsonReader(text[at..]);
        json.Read();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var id = JsonValue.NumberHere(ref json, $"an entry of {field}");
            var place = _replicas.AsSpan(0, _count).IndexOf(brokers.Find(id));
            _marks[place >= 0 ? place : throw new LineRefusal($"broker {id} in {field} is not among the replicas", "ids out of replicas")] |= mark;
        }
    }

    private void Add(ref PartitionRow row)
    {
        var lead = row.Leader == PartitionRow.NoLeader ? -1 : _replicas.AsSpan(0, _count).IndexOf(row.Leader);
        if (lead < 0 && row.Leader != PartitionRow.NoLeader)
        {
            throw new LineRefusal($"the leader, broker {brokers.Ids[row.Leader]}, is not among the replicas", "one of the replicas, or -1 where there is none");
        }

        AddMinInSync(ref row);
        if (row.IsEstimated)
        {
            Estimated.Add(Topic.Count);
        }

        Topic.Add(row.Topic);
        Number.Add(row.Number);
        Line.Add(_line);
        Start.Add(Broker.Count);
        Lead.Add(lead);
        Loads.Add(row.Cpu);
        Loads.Add(row.FollowerCpu);
        Loads.Add(row.BytesIn);
        Loads.Add(row.BytesOut);
        Loads.Add(row.Size);
        AddReplicas(ref row);
    }

    private void AddReplicas(ref PartitionRow row)
    {
        for (var place = 0; place < _count; place++)
        {
            Broker.Add(_replicas[place]);
            if (_hasDirs)
            {
                Dir.Add(row.DirsAt >= 0 ? _dirs[place] : -1);
            }

            if (_hasMarks)
            {
                Marks.Add(row.HasMarks ? _marks[place] : ReplicaMarks.None);
            }
        }
    }

    private void AddMinInSync(ref PartitionRow row)
    {
        if (_minInSync.Count <= row.Topic)
        {
            CollectionsMarshal.SetCount(_minInSync, row.Topic + 1);
            _minInSync[row.Topic] = row.MinInSync;
        }
        else if (_minInSync[row.Topic] != row.MinInSync)
        {
            throw new LineRefusal($"minInSync of topic {Topics[row.Topic]} differs from its other partitions", "the same on all lines of a topic");
        }
    }
}
