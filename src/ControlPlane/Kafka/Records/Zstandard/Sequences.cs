namespace ControlPlane.Kafka.Records.Zstandard;

/// <summary>The second part of a block: so many literals, then so many bytes from so far back, over and over (RFC 8878, 3.1.1.3.2).</summary>
internal sealed class Sequences
{
    private const int MostOffsetBits = 31;

    private static readonly short[] UsualLiteralLengths = [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1];
    private static readonly short[] UsualOffsets = [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1];
    private static readonly short[] UsualMatchLengths =
    [
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ];

    /// <summary>Bits that follow a code; its length is what the codes before it and their bits reach.</summary>
    private static readonly (int From, int Bits)[] LiteralLengths = Codes(0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    private static readonly (int From, int Bits)[] MatchLengths = Codes(3,
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ]);

    private readonly FseTable _literalTable = new(9);
    private readonly FseTable _offsetTable = new(8);
    private readonly FseTable _matchTable = new(9);
    private int _last = 1;
    private int _second = 4;
    private int _third = 8;

    public bool TryRun(ReadOnlySpan<byte> source, ReadOnlySpan<byte> literals, UnpackBuffer unpacked)
    {
        if (!TryCount(source, out var count, out var at) || (count == 0 && at != source.Length))
        {
            return false;
        }

        if (count == 0)
        {
            return unpacked.TryAppend(literals);
        }

        if (at >= source.Length || (source[at] & 3) != 0)
        {
            return false;
        }

        var modes = source[at++];
        if (!TryTable(_literalTable, modes >> 6, UsualLiteralLengths, 6, 36, source, ref at)
            || !TryTable(_offsetTable, (modes >> 4) & 3, UsualOffsets, 5, MostOffsetBits + 1, source, ref at)
            || !TryTable(_matchTable, (modes >> 2) & 3, UsualMatchLengths, 6, 53, source, ref at))
        {
            return false;
        }

        var bits = new BackwardBits(source[at..]);
        return bits.Left >= 0 && TryRun(count, ref bits, literals, unpacked);
    }

    private bool TryRun(int count, ref BackwardBits bits, ReadOnlySpan<byte> literals, UnpackBuffer unpacked)
    {
        var (literal, offset, match) = (_literalTable.First(ref bits), _offsetTable.First(ref bits), _matchTable.First(ref bits));
        for (var left = count; left > 0; left--)
        {
            var (literalCode, offsetCode, matchCode) = (_literalTable.SymbolOf(literal), _offsetTable.SymbolOf(offset), _matchTable.SymbolOf(match));
            if (literalCode >= LiteralLengths.Length || matchCode >= MatchLengths.Length || offsetCode > MostOffsetBits)
            {
                return false;
            }

            var distance = (1L << offsetCode) + (long)bits.Read(offsetCode);
            var length = MatchLengths[matchCode].From + (int)bits.Read(MatchLengths[matchCode].Bits);
            var run = LiteralLengths[literalCode].From + (int)bits.Read(LiteralLengths[literalCode].Bits);
            if (bits.Left < 0 || run > literals.Length || !unpacked.TryAppend(literals[..run]) || !unpacked.TryRepeat(Distance(distance, run), length))
            {
                return false;
            }

            literals = literals[run..];
            if (left > 1)
            {
                (literal, match, offset) = (_literalTable.Next(literal, ref bits), _matchTable.Next(match, ref bits), _offsetTable.Next(offset, ref bits));
            }
        }

        return bits.Left == 0 && unpacked.TryAppend(literals);
    }

    /// <summary>Values up to three name one of the last three distances; after no literals the last one would make no sense and the others move up.</summary>
    private int Distance(long value, int run)
    {
        if (value > 3)
        {
            (_third, _second, _last) = (_second, _last, value - 3 > int.MaxValue ? int.MaxValue : (int)(value - 3));
            return _last;
        }

        switch (value + (run == 0 ? 1 : 0))
        {
            case 1:
                break;
            case 2:
                (_second, _last) = (_last, _second);
                break;
            case 3:
                (_third, _second, _last) = (_second, _last, _third);
                break;
            default:
                (_third, _second, _last) = (_second, _last, _last - 1); // zero is refused where it is used
                break;
        }

        return _last;
    }

    private static bool TryCount(ReadOnlySpan<byte> source, out int count, out int length)
    {
        (count, length) = (0, 1);
        if (source.IsEmpty)
        {
            return false;
        }

        length = source[0] < 128 ? 1 : source[0] < 255 ? 2 : 3;
        if (source.Length < length)
        {
            return false;
        }

        count = length switch { 1 => source[0], 2 => ((source[0] - 128) << 8) + source[1], _ => source[1] + (source[2] << 8) + 0x7F00 };
        return true;
    }

    private static bool TryTable(FseTable table, int mode, short[] usual, int usualLog, int symbols, ReadOnlySpan<byte> source, ref int at)
    {
        switch (mode)
        {
            case 0:
                return table.TryBuild(usual, usualLog);
            case 1 when at < source.Length:
                table.SetSingle(source[at++]);
                return true;
            case 2:
                var isRead = table.TryRead(source[at..], symbols, out var length);
                at += length;
                return isRead;
            case 3:
                return table.Log >= 0; // that of the block before
            default:
                return false;
        }
    }

    private static (int From, int Bits)[] Codes(int first, int[] bits)
    {
        var codes = new (int, int)[bits.Length];
        for (var code = 0; code < bits.Length; code++)
        {
            codes[code] = (first, bits[code]);
            first += 1 << bits[code];
        }

        return codes;
    }
}
