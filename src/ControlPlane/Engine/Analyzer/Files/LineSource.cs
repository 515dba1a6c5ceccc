using System.Buffers;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Cuts a stream into lines without copying them; a line is valid until the next one is asked for.</summary>
internal sealed class LineSource(Stream stream) : IDisposable
{
    /// <summary>A partition with thousands of replicas fits many times over.</summary>
    private const int MostBytes = 16 << 20;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
    private int _from;
    private int _to;
    private int _line;
    private bool _isEnd;

    public bool Next(out ReadOnlySpan<byte> line)
    {
        var searched = _from;
        while (true)
        {
            var length = _buffer.AsSpan(searched, _to - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = Take(searched + length, 1);
                return true;
            }

            if (_isEnd)
            {
                line = Take(_to, 0);
                return line.Length > 0;
            }

            searched = Fill();
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private ReadOnlySpan<byte> Take(int end, int separator)
    {
        var line = _buffer.AsSpan(_from, end - _from);
        _from = end + separator;
        return _line++ == 0 && line.StartsWith("\uFEFF"u8) ? line[3..] : line;
    }

    /// <summary>Reads more behind what is not yet taken; returns where the search for the line's end goes on.</summary>
    private int Fill()
    {
        var left = _to - _from;
        if (left >= MostBytes)
        {
            throw new ModelFileException(_line + 1, "the line is longer than 16 MiB", "one JSON object a line");
        }

        var target = left < _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_from, left).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        (_from, _to) = (0, left + Read(left));
        return left;
    }

    private int Read(int at)
    {
        try
        {
            var count = stream.Read(_buffer, at, _buffer.Length - at);
            _isEnd = count == 0;
            return count;
        }
        catch (InvalidDataException broken)
        {
            throw new ModelFileException(_line + 1, "the packed data is broken or cut off here", "a whole gzip file", broken);
        }
    }
}
