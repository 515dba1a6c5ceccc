using System.IO.Compression;

namespace ControlPlane.Lag.Metrics;

/// <summary>All lines of one metric of one cluster, as they stand in every scrape until the cluster is judged anew.</summary>
internal sealed class LagFamily(string name, string help, byte[] lines)
{
    private readonly Lazy<byte[]> _packed = new(() => Pack(lines));

    public string Name => name;

    public string Help => help;

    public byte[] Lines => lines;

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
    private bool _isPackedWanted;

    public IReadOnlyList<LagFamily> Families => families;

    /// <summary>Somebody asks for it packed: then the next page is packed before it is shown, and no scrape waits for that.</summary>
    public bool IsPackedWanted => Volatile.Read(ref _isPackedWanted);

    public void WantPacked() => Volatile.Write(ref _isPackedWanted, true);

    public void Pack()
    {
        foreach (var family in families)
        {
            _ = family.Packed;
        }

        WantPacked();
    }
}
