namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>
/// How many records of which type were decoded, and how many were passed over and why. Written by the one thread that
/// decodes, read by any.
/// </summary>
public sealed class OffsetsRecordCounters
{
    /// <summary>Stands for a key too short to have a type.</summary>
    public const short NoType = -1;

    private const int KnownTypes = 25;
    private const int Outcomes = 4;
    private const int Other = KnownTypes; // one place for all others: a peer must not make us count without bound

    private readonly long[] _counts = new long[(KnownTypes + 1) * Outcomes];
    private long _markers;

    /// <summary>Ends of transactions.</summary>
    public long Markers => Volatile.Read(ref _markers);

    public long Decoded => Sum(DecodeOutcome.Decoded);

    /// <summary>All that was passed over.</summary>
    public long Skipped => Sum(DecodeOutcome.UnknownType) + Sum(DecodeOutcome.UnknownVersion) + Sum(DecodeOutcome.Malformed);

    /// <summary>The records of one type; types that we don't know share one count.</summary>
    public long Of(OffsetsRecordType? type, DecodeOutcome outcome) => Volatile.Read(ref _counts[Place((short)(type ?? (OffsetsRecordType)NoType), outcome)]);

    internal void Count(short type, DecodeOutcome outcome) => _counts[Place(type, outcome)]++;

    internal void CountMarker() => _markers++;

    private static int Place(short type, DecodeOutcome outcome) => ((uint)type < KnownTypes ? type : Other) * Outcomes + (int)outcome;

    private long Sum(DecodeOutcome outcome)
    {
        var sum = 0L;
        for (var place = (int)outcome; place < _counts.Length; place += Outcomes)
        {
            sum += Volatile.Read(ref _counts[place]);
        }

        return sum;
    }
}
