using System.Diagnostics;

namespace ControlPlane.Api.Metrics;

/// <summary>What every process tells of itself, under the names that dashboards know.</summary>
internal static class ProcessFigures
{
    public static void Write(MetricsText text)
    {
        using var process = Process.GetCurrentProcess();
        text.Single("process_cpu_seconds_total", "User and system CPU time spent.", MetricType.Counter, process.TotalProcessorTime.TotalSeconds);
        text.Single("process_resident_memory_bytes", "Resident memory.", MetricType.Gauge, process.WorkingSet64);
        text.Single("process_start_time_seconds", "When the process began, since the epoch.", MetricType.Gauge, new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0);
        text.Single("process_threads", "Threads of the operating system.", MetricType.Gauge, process.Threads.Count);
        if (Directory.Exists("/proc/self/fd"))
        {
            text.Single("process_open_fds", "Open file descriptors.", MetricType.Gauge, Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        }

        text.Single("dotnet_gc_heap_bytes", "Size of the managed heap after the last collection.", MetricType.Gauge, GC.GetGCMemoryInfo().HeapSizeBytes);
        text.Single("dotnet_gc_allocated_bytes_total", "Bytes allocated on the managed heap.", MetricType.Counter, GC.GetTotalAllocatedBytes());
        text.Single("dotnet_gc_pause_seconds_total", "Time all threads stood still for the collector.", MetricType.Counter, GC.GetTotalPauseDuration().TotalSeconds);
        text.Head("dotnet_gc_collections_total", "Collections by generation.", MetricType.Counter);
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            text.Sample("dotnet_gc_collections_total", $"generation=\"{generation}\"", GC.CollectionCount(generation));
        }

        text.Single("dotnet_threadpool_threads", "Threads of the pool.", MetricType.Gauge, ThreadPool.ThreadCount);
        text.Single("dotnet_threadpool_queue_length", "Work that waits for a thread of the pool.", MetricType.Gauge, ThreadPool.PendingWorkItemCount);
    }
}
