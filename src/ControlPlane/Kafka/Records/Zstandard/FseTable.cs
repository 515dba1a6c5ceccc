using System.Numerics;

namespace ControlPlane.Kafka.Records.Zstandard;

/// <summary>A table of finite state entropy (RFC 8878, 4.1): each state has a symbol, and says from how many bits the next state comes.</summary>
internal sealed class FseTable(int maxLog)
{
    private readonly byte[] _symbol = new byte[1 << maxLog];
    private readonly byte[] _bits = new byte[1 << maxLog];
    private readonly ushort[] _base = new ushort[1 << maxLog];

    /// <summary>Bits of a first state; below zero while there is no table.</summary>
    public int Log { get; private set; } = -1;

    public byte SymbolOf(int state) => _symbol[state];

    public int First(ref BackwardBits bits) => (int)bits.Read(Log);

    public int Next(int state, ref BackwardBits bits) => _base[state] + (int)bits.Read(_bits[state]);

    /// <summary>One symbol, again and again.</summary>
    public void SetSingle(byte symbol) => (Log, _symbol[0], _bits[0], _base[0]) = (0, symbol, 0, 0);

    /// <summary>Reads a description; false where it is none.</summary>
    /// <param name="source">Begins with the description.</param>
    /// <param name="symbols">How many there can be.</param>
    /// <param name="length">Bytes of the description.</param>
    public bool TryRead(ReadOnlySpan<byte> source, int symbols, out int length)
    {
        length = 0;
        Span<short> shares = stackalloc short[256];
        var at = 0;
        var log = Take(source, ref at, 4) + 5;
        if (log > maxLog)
        {
            return false;
        }

        var (left, count) = (1 << log, 0);
        while (left > 0 && count < symbols)
        {
            var bits = BitOperations.Log2((uint)left + 1) + 1;
            var value = Take(source, ref at, bits);
            var low = value & ((1 << (bits - 1)) - 1);
            var spare = (1 << bits) - 2 - left;
            if (low < spare)
            {
                (value, at) = (low, at - 1);
            }
            else if (value >= 1 << (bits - 1))
            {
                value -= spare;
            }

            var share = value - 1;
            left -= Math.Abs(share);
            shares[count++] = (short)share;
            for (var more = share == 0 ? 3 : 0; more == 3;)
            {
                more = Take(source, ref at, 2);
                if (count + more > symbols)
                {
                    return false;
                }

                shares.Slice(count, more).Clear();
                count += more;
            }
        }

        length = (at + 7) / 8;
        return left == 0 && length <= source.Length && TryBuild(shares[..count], log);
    }

    /// <summary>Builds the table from each symbol's share of the states; -1 is less than one.</summary>
    public bool TryBuild(ReadOnlySpan<short> shares, int log)
    {
        var (size, high) = (1 << log, 1 << log);
        Span<ushort> next = stackalloc ushort[256];
        for (var symbol = 0; symbol < shares.Length; symbol++)
        {
            next[symbol] = (ushort)Math.Abs(shares[symbol]);
            if (shares[symbol] == -1)
            {
                _symbol[--high] = (byte)symbol;
            }
        }

        var (step, place) = ((size >> 1) + (size >> 3) + 3, 0);
        for (var symbol = 0; symbol < shares.Length; symbol++)
        {
            for (var i = 0; i < shares[symbol]; i++)
            {
                _symbol[place] = (byte)symbol;
                do
                {
                    place = (place + step) & (size - 1);
                }
                while (place >= high && high > 0);
            }
        }

        if (place != 0)
        {
            return false;
        }

        for (var state = 0; state < size; state++)
        {
            var rank = next[_symbol[state]]++;
            _bits[state] = (byte)(log - BitOperations.Log2(rank));
            _base[state] = (ushort)((rank << _bits[state]) - size);
        }

        Log = log;
        return true;
    }

    /// <summary>Bits from the lowest on; behind the end there are zeros, which the length shows afterwards.</summary>
    private static int Take(ReadOnlySpan<byte> source, ref int at, int count)
    {
        var value = 0;
        for (var i = 0; i < count; i++, at++)
        {
            value |= at >> 3 < source.Length && (source[at >> 3] & (1 << (at & 7))) != 0 ? 1 << i : 0;
        }

        return value;
    }
}
