using System.IO.Compression;

namespace ControlPlane.Lag.Metrics;

/// <summary>All lines of one metric of one cluster, as they stand in every scrape until the cluster is judged anew.</summary>
internal sealed class LagFamily(string name, string help, byte[] lines)
{
    private readonly Lazy<byte[]> _packed = new(() => Pack(lines));

    public string Name => name;

    public string Help => help;

    public byte[] Lines => lines;

    public bool IsCounter { get; init; }

    /// <summary>The same as one member of a gzip stream; members may follow one another. Made once, however many ask.</summary>
    public byte[] Packed => _packed.Value;

    public static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream((bytes.Length / 8) + 64);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}

/// <summary>What a cluster's groups look like in /metrics.</summary>
internal sealed class LagPage(IReadOnlyList<LagFamily> families)
{
    /// <summary>Five minutes of judgements: longer than anybody waits between two scrapes.</summary>
    private const int Remembered = 30;

    private int _packAhead;

    public IReadOnlyList<LagFamily> Families => families;

    /// <summary>Somebody takes it packed: the next pages are packed before they are shown, so that no scrape waits for that.</summary>
    public void WantPacked() => Volatile.Write(ref _packAhead, Remembered);

    /// <summary>Does what was wanted of the page before this one.</summary>
    public void Follow(LagPage? before)
    {
        var ahead = before is null ? 0 : Volatile.Read(ref before._packAhead);
        if (ahead == 0)
        {
            return;
        }

        foreach (var family in families)
        {
            _ = family.Packed;
        }

        Volatile.Write(ref _packAhead, ahead - 1);
    }
}
