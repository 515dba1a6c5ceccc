using System.Buffers;

namespace ControlPlane.Cli.Lag;

/// <summary>Cuts a stream into lines without copying them. A line is valid until the next one is asked for.</summary>
/// <param name="whenWaiting">Called before each read that may wait, so that what is done by then can be shown.</param>
internal sealed class InputLines(Stream stream, Action whenWaiting) : IDisposable
{
    /// <summary>Hundreds of thousands of commits; a window has ten.</summary>
    public const int MostBytes = 16 << 20;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
    private int _from;
    private int _to;
    private bool _isEnd;
    private bool _isCut;

    /// <summary>False at the end. A line that is too long comes as null, once.</summary>
    public bool Next(out ReadOnlyMemory<byte>? line)
    {
        var searched = _from;
        while (true)
        {
            var length = _buffer.AsSpan(searched, _to - searched).IndexOf((byte)'\n');
            if (length >= 0 || (_isEnd && _to > _from))
            {
                var end = length >= 0 ? searched + length : _to;
                line = _isCut ? default(ReadOnlyMemory<byte>?) : _buffer.AsMemory(_from, end - _from);
                (_from, _isCut) = (Math.Min(end + 1, _to), false);
                return true;
            }

            if (_isEnd)
            {
                line = null;
                var wasCut = _isCut;
                _isCut = false;
                return wasCut;
            }

            searched = Fill();
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    /// <summary>Reads more behind what is not yet taken; returns where the search for the line's end goes on.</summary>
    private int Fill()
    {
        whenWaiting();
        if (_to - _from >= MostBytes)
        {
            (_from, _to, _isCut) = (0, 0, true); // its head is dropped, the rest of it as it comes
        }

        var left = _to - _from;
        var target = left < _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_from, left).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        var count = stream.Read(_buffer, left, _buffer.Length - left);
        (_from, _to, _isEnd) = (0, left + count, count == 0);
        return left;
    }
}
