using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Cli.Optimize;

/// <summary>The most memory this process has had in RAM.</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";
    private const string Field = "VmHWM:";

    public static long Bytes()
    {
        if (File.Exists(Status) && Array.Find(File.ReadAllLines(Status), line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line
            && long.TryParse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes))
        {
            return kilobytes * 1024;
        }

        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
