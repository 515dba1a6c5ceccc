using System.Text;

namespace ControlPlane.Engine.Lag.Feed;

/// <summary>
/// Names as small numbers and one shared text each, found by their UTF-8 bytes, so that a known name costs no allocation.
/// A name without references is forgotten and its number used again.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<byte[], int> _places = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly List<Name> _names = [];
    private readonly Stack<int> _free = [];

    public NameTable() => _byBytes = _places.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count => _places.Count;

    public string this[int place] => _names[place].Text;

    public bool TryFind(ReadOnlySpan<byte> utf8, out int place) => _byBytes.TryGetValue(utf8, out place);

    /// <summary>A new name has no reference yet: add one, or <see cref="ForgetUnused"/> it.</summary>
    public int Place(ReadOnlySpan<byte> utf8)
    {
        if (_byBytes.TryGetValue(utf8, out var known))
        {
            return known;
        }

        var bytes = utf8.ToArray();
        var name = new Name(bytes, Encoding.UTF8.GetString(bytes), 0);
        if (_free.TryPop(out var place))
        {
            _names[place] = name;
        }
        else
        {
            place = _names.Count;
            _names.Add(name);
        }

        _places.Add(bytes, place);
        return place;
    }

    public void AddReference(int place) => _names[place] = _names[place] with { References = _names[place].References + 1 };

    public void Release(int place)
    {
        _names[place] = _names[place] with { References = _names[place].References - 1 };
        ForgetUnused(place);
    }

    public void ForgetUnused(int place)
    {
        if (_names[place] is { References: 0, Utf8: not null } unused && _places.Remove(unused.Utf8))
        {
            _names[place] = default;
            _free.Push(place);
        }
    }

    private readonly record struct Name(byte[] Utf8, string Text, int References);

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static Utf8Comparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode); // seeded anew in each process: names are chosen by strangers
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
