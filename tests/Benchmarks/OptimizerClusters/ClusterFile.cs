using System.IO.Compression;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Files;

namespace ControlPlane.Benchmarks.OptimizerClusters;

/// <summary>Random clusters as model files, packed where the name ends in .gz.</summary>
internal static class ClusterFile
{
    /// <summary>SIZE [--option value ...] --out FILE.</summary>
    public static string Make(string size, string[] options)
    {
        var (spec, path) = (ClusterSpec.Of(size), (string?)null);
        if (options.Length % 2 != 0)
        {
            throw new ArgumentException($"'{options[^1]}' has no value");
        }

        foreach (var pair in options.Chunk(2))
        {
            (spec, path) = pair[0] == "--out" ? (spec, pair[1]) : (spec.With(pair[0], pair[1]), path);
        }

        var model = RandomCluster.Of(spec);
        Write(model, path ?? throw new ArgumentException("--out FILE is missing"));
        return $"{path}: {model.Brokers} brokers, {model.Topics.Length} topics, {model.Partitions} partitions, {model.Slots} replicas";
    }

    public static void Write(OptimizerModel model, string path)
    {
        using var file = File.Create(path);
        using var packed = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : null;
        ModelFileWriter.Write(model, packed ?? (Stream)file);
    }

    public static OptimizerModel Read(string path)
    {
        using var file = File.OpenRead(path);
        using var packed = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : null;
        return ModelFileReader.Read(packed ?? (Stream)file);
    }
}
