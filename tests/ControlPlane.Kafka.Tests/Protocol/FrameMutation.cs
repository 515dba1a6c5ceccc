namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Ways in which a frame can be wrong: cut, flipped, spliced, or with a length that promises too much.</summary>
internal static class FrameMutation
{
    /// <summary>Lengths that have broken decoders before: the largest and smallest of each form, and sign changes.</summary>
    private static readonly byte[][] Blowups =
    [
        [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0x00, 0x00, 0x00], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFE], [0x00, 0x7F, 0xFF, 0xFF],
        [0x7F, 0xFF], [0x80, 0x00], [0xFF, 0xFE],
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0x80, 0x80, 0x80, 0x80, 0x08], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0xFF, 0xFF, 0x7F], [0xFF, 0x7F], [0x00], [0xFF],
    ];

    public static byte[] Apply(byte[] frame, byte[] other, Random random) => random.Next(8) switch
    {
        0 => frame[..random.Next(frame.Length + 1)],
        1 => Flip(frame, random),
        2 => Overwrite(frame, random, Blowups[random.Next(Blowups.Length)]),
        3 => [.. frame[..random.Next(frame.Length + 1)], .. other[random.Next(other.Length + 1)..]],
        4 => Promise(frame, random),
        5 => Insert(frame, random),
        6 => Remove(frame, random),
        _ => Flip(Overwrite(frame, random, Blowups[random.Next(Blowups.Length)]), random),
    };

    private static byte[] Flip(byte[] frame, Random random)
    {
        var bytes = frame.ToArray();
        for (var count = bytes.Length == 0 ? 0 : random.Next(1, 9); count > 0; count--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private static byte[] Overwrite(byte[] frame, Random random, byte[] with)
    {
        var bytes = frame.ToArray();
        var at = random.Next(frame.Length + 1);
        with.AsSpan(0, Math.Min(with.Length, frame.Length - at)).CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    /// <summary>A compact count that the rest of the frame could just about hold, so that only the smallest element size limits it; then a long tail.</summary>
    private static byte[] Promise(byte[] frame, Random random)
    {
        var tail = new byte[random.Next(1, 4000)];
        tail.AsSpan().Fill((byte)random.Next(3));
        var count = (uint)((tail.Length / random.Next(1, 30)) + random.Next(2));
        return [.. frame[..random.Next(frame.Length + 1)], (byte)(count | 0x80), (byte)(count >> 7), .. tail];
    }

    private static byte[] Insert(byte[] frame, Random random)
    {
        var more = new byte[random.Next(1, 64)];
        random.NextBytes(more);
        var at = random.Next(frame.Length + 1);
        return [.. frame[..at], .. more, .. frame[at..]];
    }

    private static byte[] Remove(byte[] frame, Random random)
    {
        var at = random.Next(frame.Length + 1);
        return [.. frame[..at], .. frame[Math.Min(frame.Length, at + random.Next(1, 16))..]];
    }
}
