using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Index of each topic name, by first appearance; a string is made only for a name that is new.</summary>
internal sealed class TopicNames
{
    private const int MostName = 249; // Kafka's own limit
    private const int MostEscaped = MostName * 6;

    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byChars;
    private readonly char[] _chars = new char[MostEscaped];
    private readonly byte[] _last = new byte[MostEscaped];
    private int _lastLength = -1;
    private int _lastIndex;

    public TopicNames() => _byChars = _index.GetAlternateLookup<ReadOnlySpan<char>>();

    public List<string> Names { get; } = [];

    /// <summary>The reader stands before the value.</summary>
    public int Read(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            throw JsonValue.Wrong(ref json, "topic", "a text");
        }

        var raw = json.ValueSpan;
        if (raw.Length == _lastLength && raw.SequenceEqual(_last.AsSpan(0, _lastLength)))
        {
            return _lastIndex; // lines of a topic mostly come together
        }

        var length = raw.Length <= MostEscaped ? json.CopyString(_chars) : int.MaxValue;
        if (length is 0 or > MostName)
        {
            throw new LineRefusal(length == 0 ? "topic is empty" : "the name of the topic is too long", $"1 to {MostName} characters");
        }

        raw.CopyTo(_last);
        (_lastLength, _lastIndex) = (raw.Length, IndexOf(_chars.AsSpan(0, length)));
        return _lastIndex;
    }

    private int IndexOf(ReadOnlySpan<char> name)
    {
        if (!_byChars.TryGetValue(name, out var index))
        {
            index = Names.Count;
            Names.Add(name.ToString());
            _index[Names[index]] = index;
        }

        return index;
    }
}
