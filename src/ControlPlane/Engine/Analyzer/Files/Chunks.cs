namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>A list that grows without copying: millions of values arrive, and nobody knows how many beforehand.</summary>
internal sealed class Chunks<T>
    where T : struct
{
    private const int Bits = 14;
    private const int Size = 1 << Bits;

    private readonly List<T[]> _full = [];
    private T[] _last = [];
    private int _used = Size;

    public int Count => _last.Length == 0 ? 0 : (_full.Count * Size) + _used;

    public T this[int index] => (index >> Bits) < _full.Count ? _full[index >> Bits][index & (Size - 1)] : _last[index & (Size - 1)];

    public void Add(T value)
    {
        if (_used == Size)
        {
            Grow();
        }

        _last[_used++] = value;
    }

    public void Add(T value, int times)
    {
        for (var time = 0; time < times; time++)
        {
            Add(value);
        }
    }

    public T[] ToArray()
    {
        var all = GC.AllocateUninitializedArray<T>(Count);
        for (var chunk = 0; chunk < _full.Count; chunk++)
        {
            _full[chunk].CopyTo(all, chunk * Size);
        }

        _last.AsSpan(0, Math.Min(_used, _last.Length)).CopyTo(all.AsSpan(_full.Count * Size));
        return all;
    }

    private void Grow()
    {
        if (_last.Length > 0)
        {
            _full.Add(_last);
        }

        (_last, _used) = (new T[Size], 0);
    }
}
