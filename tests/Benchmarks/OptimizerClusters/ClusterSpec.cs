using System.Globalization;

namespace ControlPlane.Benchmarks.OptimizerClusters;

/// <summary>What a random cluster shall be like; the defaults are those of optimizer.md 12.</summary>
internal sealed record ClusterSpec
{
    public required string Name { get; init; }

    public int Brokers { get; init; } = 30;

    public int Topics { get; init; } = 200;

    public int Partitions { get; init; } = 3_000;

    public int ReplicationFactor { get; init; } = 3;

    /// <summary>Brokers by rack, relative to each other.</summary>
    public double[] Racks { get; init; } = Even(6);

    /// <summary>Log dirs of each broker; 0: not told.</summary>
    public int Dirs { get; init; }

    /// <summary>Sigma of the popularity of brokers: how uneven the cluster is.</summary>
    public double Skew { get; init; } = 0.25;

    /// <summary>Capacity of the largest broker relative to the smallest.</summary>
    public double CapacitySpread { get; init; } = 1;

    public double Cpu { get; init; } = 0.30;

    public double BytesIn { get; init; } = 0.40;

    public double BytesOut { get; init; } = 0.22;

    public double Disk { get; init; } = 0.45;

    /// <summary>Share of partitions with two replicas in one rack.</summary>
    public double RackViolations { get; init; } = 0.01;

    public int Dead { get; init; }

    public int New { get; init; }

    public ulong Seed { get; init; } = 1;

    public static ClusterSpec Of(string size) => size switch
    {
        "S" => new() { Name = size },
        "CB" => new() { Name = size, Brokers = 40, Topics = 3_000, Partitions = 16_700, Racks = Even(8) },
        "M" => new() { Name = size, Brokers = 500, Topics = 2_000, Partitions = 50_000, Racks = Even(10) },
        "L" => new() { Name = size, Brokers = 1_000, Topics = 8_000, Partitions = 100_000, Racks = Even(10) },
        "H" => new() { Name = size, Brokers = 200, Topics = 300, Partitions = 4_000, Racks = Even(10) },
        "XL" => new() { Name = size, Brokers = 4_000, Topics = 100_000, Partitions = 500_000, Racks = Even(20) },
        _ => throw new ArgumentException($"'{size}' is no size: S, CB, M, L, H or XL is expected"),
    };

    public ClusterSpec Shaped(string shape) => shape switch
    {
        "rebalance" => this,
        "mild" => this with { Skew = 0.12 },
        "skewed" => this with { Skew = 0.5 },
        "tight" => this with { Cpu = 0.52, BytesIn = 0.62, BytesOut = 0.5, Disk = 0.66 },
        "near-full" => this with { Skew = 0.12, Disk = 0.72 },
        "uneven-racks" => this with { Racks = [14, 10, 6] },
        "heterogeneous" => this with { CapacitySpread = 2 },
        "jbod" => this with { Dirs = 8 },
        "add" => this with { Skew = 0.05, New = Math.Max(1, Brokers / 10) },
        "dead" => this with { Skew = 0.05, Dead = Math.Max(1, Brokers / 250) },
        _ => throw new ArgumentException($"'{shape}' is no shape: rebalance, mild, skewed, tight, near-full, uneven-racks, heterogeneous, jbod, add or dead is expected"),
    };

    public ClusterSpec With(string option, string value) => option switch
    {
        "--shape" => Shaped(value),
        "--seed" => this with { Seed = ulong.Parse(value, CultureInfo.InvariantCulture) },
        "--brokers" => this with { Brokers = Count(value) },
        "--topics" => this with { Topics = Count(value) },
        "--partitions" => this with { Partitions = Count(value) },
        "--rf" => this with { ReplicationFactor = Count(value) },
        "--racks" => this with { Racks = value.Contains(':', StringComparison.Ordinal) ? [.. value.Split(':').Select(Number)] : Even(Count(value)) },
        "--dirs" => this with { Dirs = Count(value) },
        "--skew" => this with { Skew = Number(value) },
        "--spread" => this with { CapacitySpread = Number(value) },
        "--cpu" => this with { Cpu = Number(value) },
        "--in" => this with { BytesIn = Number(value) },
        "--out-rate" => this with { BytesOut = Number(value) },
        "--disk" => this with { Disk = Number(value) },
        "--rack-violations" => this with { RackViolations = Number(value) },
        "--dead" => this with { Dead = Count(value) },
        "--new" => this with { New = Count(value) },
        _ => throw new ArgumentException($"'{option}' is no option of a cluster: --shape, --seed, --brokers, --topics, --partitions, --rf, --racks N|a:b:c, --dirs, --skew, --spread, --cpu, --in, --out-rate, --disk, --rack-violations, --dead or --new is expected"),
    };

    private static double[] Even(int racks) => [.. Enumerable.Repeat(1.0, racks)];

    private static int Count(string value) => int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double Number(string value) => double.Parse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
}
