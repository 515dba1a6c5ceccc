using System.Globalization;
using ControlPlane.Benchmarks.OptimizerClusters;

namespace ControlPlane.Benchmarks;

/// <summary>The optimizer from the outside: clusters made, files read, kcp run.</summary>
internal static class OptimizerBenchmark
{
    public static int MakeCluster(string size, string[] options)
    {
        try
        {
            Console.WriteLine(ClusterFile.Make(size, options));
            return 0;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or OverflowException)
        {
            Console.Error.WriteLine(wrong.Message);
            return 2;
        }
    }

    public static IReadOnlyList<Figure> Read(string path)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var clock = Stopclock.Start();
        var model = ClusterFile.Read(path);
        var (wall, cpu, bytes) = (clock.WallSince, clock.CpuSince, new FileInfo(path).Length);
        return
        [
            new("partitions, replicas", string.Create(CultureInfo.InvariantCulture, $"{model.Partitions:N0}, {model.Slots:N0}")),
            new("read", Report.Seconds(wall)),
            new("CPU", Report.Seconds(cpu)),
            new("megabytes of the file a second", (bytes / 1e6 / wall.TotalSeconds).ToString("0", CultureInfo.InvariantCulture), "150"),
            new("allocated, the model included", Report.Megabytes(GC.GetTotalAllocatedBytes() - allocated)),
            new("peak working set", Report.Megabytes(Stopclock.PeakWorkingSet())),
        ];
    }
}
