using System.Text.Json;
using ControlPlane.Engine.Lag;

namespace ControlPlane.Cli.Lag;

/// <summary>One line of windows.ndjson, read into arrays that the next line uses again.</summary>
internal sealed class WindowLine
{
    public const string Example = """{"group":"g","topic":"t","partition":0,"now":600000,"commits":[{"offset":1000,"timestamp":100000,"lag":0}],"endOffsets":[1200]}""";

    private const int UsualSlots = 10;
    private const int MostSlots = 1_000_000;

    private readonly NumberList _ends = new();
    private readonly NumberList _endTimes = new();
    private readonly CommitList _commits = new();
    private string? _group;
    private string? _topic;
    private int? _slots;
    private long? _now;
    private long? _currentLag;
    private long? _logStart;
    private int? _partition;
    private PartitionUse _use;

    public string Group => _group ?? "";

    public string Topic => _topic ?? "";

    public int Partition => _partition ?? 0;

    public long? AllowedLag { get; private set; }

    public float MinimumComplete { get; private set; }

    public CommitWindow Window => new()
    {
        Offsets = _commits.Offsets,
        Times = _commits.Times,
        Lags = _commits.Lags,
        EndOffsets = _ends.Values,
        EndTimes = _endTimes.Values,
        Slots = _commits.Slots,
        Now = _now ?? 0,
        CurrentLag = _currentLag ?? CommitWindow.LagOf(_commits.Offsets, _ends.Values),
        LogStartOffset = _logStart ?? CommitWindow.Unknown,
        Use = _use,
    };

    public void Read(ReadOnlySpan<byte> line)
    {
        Clear();
        var json = new Utf8JsonReader(line);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw new LineRefusal($"it is {Field.Here(ref json)}, not an object", Example);
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            ReadField(ref json);
        }

        if (json.Read())
        {
            throw new LineRefusal("something follows its object", "one JSON object a line");
        }

        Check();
    }

    private void Clear()
    {
        (_group, _topic, AllowedLag, MinimumComplete) = (null, null, null, 0);
        (_slots, _now, _currentLag, _logStart, _partition, _use) = (null, null, null, null, null, PartitionUse.Unknown);
        _ends.Clear();
        _endTimes.Clear();
        _commits.Clear();
    }

    private void ReadField(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("group"u8))
        {
            _group = Field.Text(ref json, "group");
        }
        else if (json.ValueTextEquals("topic"u8))
        {
            _topic = Field.Text(ref json, "topic");
        }
        else if (json.ValueTextEquals("partition"u8))
        {
            _partition = (int)Field.Number(ref json, "partition", 0, int.MaxValue);
        }
        else if (json.ValueTextEquals("now"u8))
        {
            _now = Field.Time(ref json, "now");
        }
        else if (json.ValueTextEquals("commits"u8))
        {
            _commits.Read(ref json);
        }
        else if (json.ValueTextEquals("endOffsets"u8))
        {
            _ends.Read(ref json, "endOffsets", 0);
        }
        else
        {
            ReadRareField(ref json);
        }
    }

    private void ReadRareField(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("allowedLag"u8))
        {
            AllowedLag = Field.NumberOrNull(ref json, "allowedLag", 0, long.MaxValue);
        }
        else if (json.ValueTextEquals("minimumComplete"u8))
        {
            MinimumComplete = Field.Share(ref json, "minimumComplete");
        }
        else if (json.ValueTextEquals("window"u8))
        {
            _slots = (int?)Field.NumberOrNull(ref json, "window", 1, MostSlots);
        }
        else if (json.ValueTextEquals("currentLag"u8))
        {
            _currentLag = Field.NumberOrNull(ref json, "currentLag", 0, long.MaxValue);
        }
        else if (json.ValueTextEquals("endOffsetTimes"u8))
        {
            _endTimes.Read(ref json, "endOffsetTimes", Field.LeastTime);
        }
        else if (json.ValueTextEquals("logStartOffset"u8))
        {
            _logStart = Field.NumberOrNull(ref json, "logStartOffset", 0, long.MaxValue);
        }
        else if (json.ValueTextEquals("use"u8))
        {
            _use = Field.Use(ref json);
        }
        else
        {
            json.Read();
            json.Skip(); // what others note beside a window is theirs
        }
    }

    private void Check()
    {
        var missing = _group is null ? "group" : _topic is null ? "topic" : _partition is null ? "partition" : _now is null ? "now" : _commits.IsRead ? null : "commits";
        if (missing is not null)
        {
            throw new LineRefusal($"it has no {missing}", Example);
        }

        if (_endTimes.Values.Length > 0 && _endTimes.Values.Length != _ends.Values.Length)
        {
            throw new LineRefusal($"endOffsetTimes has {_endTimes.Values.Length} entries, endOffsets {_ends.Values.Length}", "a time for each end offset, or no endOffsetTimes");
        }

        _commits.Keep(_slots ?? UsualSlots);
    }
}
