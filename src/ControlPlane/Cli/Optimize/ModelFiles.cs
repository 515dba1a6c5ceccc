using System.IO.Compression;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Files;

namespace ControlPlane.Cli.Optimize;

/// <summary>Opens and makes the files that the optimizer reads and writes; packed where the name ends in .gz.</summary>
internal static class ModelFiles
{
    private const int Buffer = 1 << 16;

    public static OptimizerModel Read(string path, CancellationToken cancellation)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            using var packed = IsPacked(path) ? new GZipStream(file, CompressionMode.Decompress) : null;
            return ModelFileReader.Read(packed ?? (Stream)file, cancellation);
        }
        catch (ModelFileException refusal)
        {
            throw new CliException($"{path}: {refusal.Message}", refusal.Expected, "correct the file; its format is in docs/model-file.md", refusal);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} can't be read: {missing.Message}", "a model file", "kcp optimize --model FILE", missing);
        }
    }

    /// <summary>Fails before a long search, not after it.</summary>
    public static Stream? Create(string option, string? path)
    {
        try
        {
            var file = path is null ? null : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, Buffer);
            return file is not null && IsPacked(path!) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{option} {path} can't be written: {wrong.Message}", "a file in a folder that is there", null, wrong);
        }
    }

    private static bool IsPacked(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}
