using System.Text.Json;

namespace ControlPlane.Cli.Lag;

/// <summary>Numbers in one array that is used for line after line.</summary>
internal sealed class NumberList
{
    private long[] _values = new long[16];
    private int _from;
    private int _to;

    public ReadOnlySpan<long> Values => _values.AsSpan(_from, _to - _from);

    public void Clear() => (_from, _to) = (0, 0);

    public void Add(long value)
    {
        if (_to == _values.Length)
        {
            Array.Resize(ref _values, _to * 2);
        }

        _values[_to++] = value;
    }

    public void DropFirst(int count) => _from += count;

    /// <summary>Entries that are null are not known, and left out.</summary>
    public void Read(ref Utf8JsonReader json, string field, long least)
    {
        Clear();
        if (!Field.BeginList(ref json, field))
        {
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Null)
            {
                Add(Field.NumberHere(ref json, field, least, long.MaxValue));
            }
        }
    }
}
