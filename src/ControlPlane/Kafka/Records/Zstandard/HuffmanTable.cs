using System.Numerics;

namespace ControlPlane.Kafka.Records.Zstandard;

/// <summary>The code of literals (RFC 8878, 4.2): by the next bits of the stream, which byte and how many of the bits were its own.</summary>
internal sealed class HuffmanTable
{
    private const int MaxBits = 11;
    private const int WeightLog = 6;

    private readonly FseTable _weightTable = new(WeightLog);
    private readonly byte[] _symbol = new byte[1 << MaxBits];
    private readonly byte[] _bits = new byte[1 << MaxBits];
    private int _log;

    public bool IsThere => _log > 0;

    /// <summary>Reads a tree; false where it is none.</summary>
    public bool TryRead(ReadOnlySpan<byte> source, out int length)
    {
        length = 0;
        Span<byte> weights = stackalloc byte[256];
        if (source.IsEmpty)
        {
            return false;
        }

        int count;
        if (source[0] >= 128)
        {
            count = source[0] - 127;
            length = 1 + ((count + 1) / 2);
            if (length > source.Length)
            {
                return false;
            }

            for (var i = 0; i < count; i++)
            {
                weights[i] = (byte)((i & 1) == 0 ? source[1 + (i / 2)] >> 4 : source[1 + (i / 2)] & 0xF);
            }
        }
        else
        {
            length = 1 + source[0];
            count = length > source.Length ? -1 : ReadWeights(source[1..length], weights[..255]);
        }

        return count > 0 && TryBuild(weights, count);
    }

    /// <summary>Decodes a stream that fills the room exactly.</summary>
    public bool TryDecode(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        var bits = new BackwardBits(stream);
        if (bits.Left < 0)
        {
            return false;
        }

        foreach (ref var letter in room)
        {
            var next = (int)bits.Peek(_log);
            bits.Skip(_bits[next]);
            letter = _symbol[next];
        }

        return bits.Left == 0;
    }

    /// <summary>Two states take turns until the bits are used up; -1 where they are no weights.</summary>
    private int ReadWeights(ReadOnlySpan<byte> source, Span<byte> weights)
    {
        if (!_weightTable.TryRead(source, 12, out var used))
        {
            return -1;
        }

        var bits = new BackwardBits(source[used..]);
        if (bits.Left < 0)
        {
            return -1;
        }

        var (one, other, count) = (_weightTable.First(ref bits), _weightTable.First(ref bits), 0);
        while (count < weights.Length - 1)
        {
            weights[count++] = _weightTable.SymbolOf(one);
            one = _weightTable.Next(one, ref bits);
            if (bits.Left < 0)
            {
                weights[count++] = _weightTable.SymbolOf(other);
                return count;
            }

            (one, other) = (other, one);
        }

        return -1;
    }

    /// <summary>The last symbol's weight is not written: it is what is missing to a power of two.</summary>
    private bool TryBuild(Span<byte> weights, int count)
    {
        var sum = 0;
        foreach (var weight in weights[..count])
        {
            if (weight > MaxBits)
            {
                return false;
            }

            sum += weight == 0 ? 0 : 1 << (weight - 1);
        }

        var log = sum == 0 ? 0 : BitOperations.Log2((uint)sum) + 1;
        var missing = (1 << log) - sum;
        if (log is 0 or > MaxBits || !BitOperations.IsPow2(missing))
        {
            return false;
        }

        weights[count++] = (byte)(BitOperations.Log2((uint)missing) + 1);
        var place = 0;
        for (var weight = 1; weight <= log; weight++) // the longest codes first
        {
            for (var symbol = 0; symbol < count; symbol++)
            {
                if (weights[symbol] == weight)
                {
                    _symbol.AsSpan(place, 1 << (weight - 1)).Fill((byte)symbol);
                    _bits.AsSpan(place, 1 << (weight - 1)).Fill((byte)(log + 1 - weight));
                    place += 1 << (weight - 1);
                }
            }
        }

        _log = place == 1 << log ? log : 0;
        return _log > 0;
    }
}
