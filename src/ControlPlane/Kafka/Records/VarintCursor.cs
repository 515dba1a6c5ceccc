namespace ControlPlane.Kafka.Records;

/// <summary>Zig-zag varints of record batches. Says false where the bytes don't hold what is asked for: records are too many for exceptions.</summary>
internal ref struct VarintCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public bool TryTake(int count, out ReadOnlySpan<byte> taken)
    {
        if ((uint)count > (uint)_left.Length)
        {
            taken = default;
            return false;
        }

        taken = _left[..count];
        _left = _left[count..];
        return true;
    }

    /// <summary>A 32-bit varint.</summary>
    public bool TryLength(out int value)
    {
        if (!_left.IsEmpty && _left[0] < 0x80)
        {
            value = (_left[0] >>> 1) ^ -(_left[0] & 1);
            _left = _left[1..];
            return true;
        }

        var wide = TryVarlong(out var number);
        value = (int)number;
        return wide && number is >= int.MinValue and <= int.MaxValue;
    }

    public bool TryVarlong(out long value)
    {
        ulong raw = 0;
        var length = Math.Min(_left.Length, 10);
        for (var i = 0; i < length; i++)
        {
            var next = _left[i];
            raw |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                _left = _left[(i + 1)..];
                value = (long)(raw >>> 1) ^ -(long)(raw & 1);
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>A length of -1 stands for null.</summary>
    public bool TryBytes(out ReadOnlySpan<byte> bytes, out bool isNull)
    {
        bytes = default;
        isNull = false;
        if (!TryLength(out var length) || length < -1)
        {
            return false;
        }

        isNull = length < 0;
        return isNull || TryTake(length, out bytes);
    }
}
