using System.Text.Json;
using ControlPlane.Engine.Lag;

namespace ControlPlane.Cli.Lag;

/// <summary>The commits of a line, in flat arrays.</summary>
internal sealed class CommitList
{
    private readonly NumberList _offsets = new();
    private readonly NumberList _times = new();
    private readonly NumberList _lags = new();
    private int _empty;

    public bool IsRead { get; private set; }

    public ReadOnlySpan<long> Offsets => _offsets.Values;

    public ReadOnlySpan<long> Times => _times.Values;

    public ReadOnlySpan<long> Lags => _lags.Values;

    /// <summary>Length of the window, empty slots included.</summary>
    public int Slots { get; private set; }

    public void Clear()
    {
        _offsets.Clear();
        _times.Clear();
        _lags.Clear();
        (_empty, IsRead) = (0, false);
    }

    public void Read(ref Utf8JsonReader json)
    {
        Clear();
        IsRead = true;
        if (!Field.BeginList(ref json, "commits"))
        {
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.Null)
            {
                _empty += _offsets.Values.IsEmpty ? 1 : throw new LineRefusal($"commits[{_empty + _offsets.Values.Length}] is null", "empty slots only before the first commit");
                continue;
            }

            ReadCommit(ref json);
        }
    }

    /// <summary>A ring of so many slots holds the newest commits; listed empty slots make the window no shorter.</summary>
    public void Keep(int slots)
    {
        Slots = slots;
        var surplus = _offsets.Values.Length - slots;
        if (surplus > 0)
        {
            _offsets.DropFirst(surplus);
            _times.DropFirst(surplus);
            _lags.DropFirst(surplus);
        }
    }

    private void ReadCommit(ref Utf8JsonReader json)
    {
        var at = _empty + _offsets.Values.Length;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new LineRefusal($"commits[{at}] is {Field.Here(ref json)}", """{"offset":1000,"timestamp":100000,"lag":0}""");
        }

        var (offset, time, lag) = ((long?)null, (long?)null, CommitWindow.Unknown);
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            if (json.ValueTextEquals("offset"u8))
            {
                offset = Field.Number(ref json, "offset of a commit", 0, long.MaxValue);
            }
            else if (json.ValueTextEquals("timestamp"u8))
            {
                time = Field.Time(ref json, "timestamp of a commit");
            }
            else if (json.ValueTextEquals("lag"u8))
            {
                lag = Field.NumberOrNull(ref json, "lag of a commit", 0, long.MaxValue) ?? CommitWindow.Unknown;
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        if (offset is null || time is null)
        {
            throw new LineRefusal($"commits[{at}] has no {(offset is null ? "offset" : "timestamp")}", """{"offset":1000,"timestamp":100000,"lag":0}""");
        }

        _offsets.Add(offset.Value);
        _times.Add(time.Value);
        _lags.Add(lag);
    }
}
