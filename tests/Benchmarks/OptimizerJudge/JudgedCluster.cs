using System.IO.Compression;
using System.Text.Json;

namespace ControlPlane.Benchmarks.OptimizerJudge;

/// <summary>A broker as the judge reads it.</summary>
internal sealed record JudgedBroker(int Id, string Rack, string Host, string State, double[] Capacity)
{
    public bool IsAlive => State != "dead";
}

/// <summary>A partition as the judge reads it; loads are CPU as leader, CPU as follower, bytes in, bytes out, size.</summary>
internal sealed record JudgedPartition(string Topic, int Number, int[] Replicas, int Leader, double Cpu, double FollowerCpu, double BytesIn, double BytesOut, double Size);

/// <summary>A model file, and the placement that a plan leads to, read with nothing of the product's code: the judge must not share its mistakes.</summary>
internal sealed class JudgedCluster
{
    private JudgedCluster(List<JudgedBroker> brokers, List<JudgedPartition> partitions) => (Brokers, Partitions) = (brokers, partitions);

    public IReadOnlyList<JudgedBroker> Brokers { get; }

    public IReadOnlyList<JudgedPartition> Partitions { get; }

    public static JudgedCluster Read(string path)
    {
        var (brokers, partitions) = (new List<JudgedBroker>(), new List<JudgedPartition>());
        foreach (var line in Lines(path))
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            switch (root.GetProperty("type").GetString())
            {
                case "broker": brokers.Add(Broker(root)); break;
                case "partition": partitions.Add(Partition(root)); break;
                default: break;
            }
        }

        return new(brokers, partitions);
    }

    /// <summary>The same brokers with the partitions of a placement file.</summary>
    public JudgedCluster After(string placement) => new([.. Brokers], [.. Read(placement).Partitions]);

    private static JudgedBroker Broker(JsonElement root)
    {
        var (id, capacity) = (root.GetProperty("id").GetInt32(), root.GetProperty("capacity"));
        var host = Text(root, "host") ?? $"host of {id}";
        return new(id, Text(root, "rack") ?? host, host, Text(root, "state") ?? "alive", [.. new[] { "cpu", "networkIn", "networkOut", "disk" }.Select(name => capacity.GetProperty(name).GetDouble())]);
    }

    private static JudgedPartition Partition(JsonElement root)
    {
        var (cpu, bytesIn, bytesOut) = (Number("cpu"), Number("bytesIn"), Number("bytesOut"));
        var weighted = (0.7 * bytesIn) + (0.15 * bytesOut);
        var follower = root.TryGetProperty("followerCpu", out var told) ? told.GetDouble() : weighted > 0 ? cpu * 0.15 * bytesIn / weighted : 0;
        return new(
            root.GetProperty("topic").GetString()!, root.GetProperty("partition").GetInt32(), [.. root.GetProperty("replicas").EnumerateArray().Select(id => id.GetInt32())],
            root.GetProperty("leader").GetInt32(), cpu, follower, bytesIn, bytesOut, Number("size"));

        double Number(string name) => root.GetProperty(name).GetDouble();
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static IEnumerable<string> Lines(string path)
    {
        using var file = File.OpenRead(path);
        using var packed = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : null;
        using var reader = new StreamReader(packed ?? (Stream)file);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }
}
