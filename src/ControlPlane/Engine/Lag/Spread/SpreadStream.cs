using System.Buffers.Binary;

namespace ControlPlane.Engine.Lag.Spread;

/// <summary>What a frame of the stream holds.</summary>
public enum FrameKind
{
    /// <summary>How reading goes; comes every few seconds, so that silence means something.</summary>
    Status = 1,

    /// <summary>What the records of one fetch of one partition say.</summary>
    Records = 2,

    /// <summary>A partition's log is read anew from its beginning.</summary>
    Restarted = 3,

    /// <summary>What a partition's log held when reading began has been sent.</summary>
    CaughtUp = 4,
}

/// <summary>
/// The stream from a process that reads partitions of __consumer_offsets to the one that owns the cluster: a mark and a version, then frames of
/// four bytes of length, one of kind, and so many bytes.
/// </summary>
public static class SpreadStream
{
    public const ushort Version = 1;
    public const int BeginningSize = 6;
    public const int HeaderSize = 5;

    /// <summary>One fetch of a partition is far smaller, unpacked too: this stops sizes that nobody wrote.</summary>
    public const int MostBytes = 64 << 20;

    private const uint Mark = 0x4B535052; // KSPR

    public static void Begin(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, Mark);
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], Version);
    }

    /// <summary>Checks how a stream begins.</summary>
    /// <exception cref="SpreadException">It is something else, or of another version.</exception>
    public static void CheckBeginning(ReadOnlySpan<byte> from)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(from) != Mark)
        {
            throw new SpreadException("what it sends does not begin as such a stream does");
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(from[4..]) is not Version and var version)
        {
            throw new SpreadException($"it sends version {version}, and this process reads version {Version}");
        }
    }

    public static void Head(Span<byte> to, FrameKind kind, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, length);
        to[4] = (byte)kind;
    }

    /// <summary>What follows, and how many bytes of it.</summary>
    /// <exception cref="SpreadException">No frame is so long, or of that kind.</exception>
    public static (FrameKind Kind, int Length) ReadHead(ReadOnlySpan<byte> from)
    {
        var (length, kind) = (BinaryPrimitives.ReadInt32BigEndian(from), (FrameKind)from[4]);
        return length is >= 0 and <= MostBytes && kind is >= FrameKind.Status and <= FrameKind.CaughtUp
            ? (kind, length)
            : throw new SpreadException($"it sends a frame of kind {(int)kind} and {length} bytes, which can't be");
    }
}
