using System.Globalization;
using ControlPlane.Cli.Output;

namespace ControlPlane.Cli.Load;

/// <summary>What happened in some time. Latency is from send to the acknowledgement of all in-sync replicas.</summary>
internal sealed record LoadReport(bool IsFinal, double Seconds, long Acknowledged, long Failed, long Consumed, double? P50Ms, double? P99Ms, string? LastError)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(IsFinal ? "in all" : "last")} {Seconds:0} s: {Units.Count(Acknowledged)} acknowledged ({Acknowledged / Math.Max(Seconds, 0.001):0}/s), {Units.Count(Failed)} failed, {Units.Count(Consumed)} consumed, p50 {Ms(P50Ms)}, p99 {Ms(P99Ms)}{(LastError is null ? "" : $"; last error: {LastError}")}");

    private static string Ms(double? value) => value is { } known ? known.ToString("0.#", CultureInfo.InvariantCulture) + " ms" : Units.Unknown;
}
