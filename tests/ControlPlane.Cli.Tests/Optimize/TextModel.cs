using System.Globalization;

namespace ControlPlane.Cli.Tests.Optimize;

/// <summary>A small cluster in a file: every leader on the first brokers, so that there is something to do.</summary>
internal sealed class TextModel : IDisposable
{
    public TextModel(string? text = null, string name = "model.ndjson")
    {
        Folder = Directory.CreateTempSubdirectory("kcp-optimize-").FullName;
        Path = System.IO.Path.Combine(Folder, name);
        File.WriteAllText(Path, text ?? Lopsided());
    }

    public string Folder { get; }

    public string Path { get; }

    public string Beside(string name) => System.IO.Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Four brokers in two racks; 24 partitions of two replicas, all on brokers 1 and 2.</summary>
    public static string Lopsided(double size = 1e9)
    {
        var brokers = Enumerable.Range(1, 4).Select(id =>
            $$"""{"type":"broker","id":{{id}},"rack":"r{{id % 2}}","host":"h{{id}}","state":"alive","capacity":{"cpu":100,"networkIn":100000000,"networkOut":100000000,"disk":1000000000000} }""");
        var partitions = Enumerable.Range(0, 24).Select(number =>
            $$"""{"type":"partition","topic":"t{{number % 3}}","partition":{{number / 3}},"replicas":[1,2],"leader":1,"size":{{size.ToString(CultureInfo.InvariantCulture)}},"bytesIn":100000,"bytesOut":200000,"cpu":0.5}""");
        return string.Join('\n', ["""{"type":"cluster","name":"small"}""", .. brokers, .. partitions]);
    }
}
