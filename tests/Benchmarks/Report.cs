using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Benchmarks;

/// <summary>One measured figure.</summary>
internal sealed record Figure(string What, string Measured, string? Budget = null);

/// <summary>Prints figures as rows of a markdown table.</summary>
internal static class Report
{
    public static void Print(string title, IReadOnlyList<Figure> figures)
    {
        Console.WriteLine($"\n### {title}\n\n| figure | measured | budget |\n| --- | --- | --- |");
        foreach (var figure in figures)
        {
            Console.WriteLine($"| {figure.What} | {figure.Measured} | {figure.Budget ?? ""} |");
        }
    }

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");

    public static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    public static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MB");
}

/// <summary>CPU time of this process and wall time, from one moment to another.</summary>
internal readonly record struct Stopclock(TimeSpan Cpu, long Wall)
{
    public static Stopclock Start() => new(CpuNow(), Stopwatch.GetTimestamp());

    public TimeSpan CpuSince => CpuNow() - Cpu;

    public TimeSpan WallSince => Stopwatch.GetElapsedTime(Wall);

    public static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    public static long PeakWorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static TimeSpan CpuNow()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
