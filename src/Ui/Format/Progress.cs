using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>Where an execution stands, in one line and in what a person can still do to it.</summary>
public static class Progress
{
    public static bool IsOpen(ExecutionDto execution) => execution.State is not ("done" or "cancelled" or "failed");

    public static bool CanPause(ExecutionDto execution) => execution.State is "preparing" or "running";

    public static bool CanResume(ExecutionDto execution) => execution.State is "pausing" or "paused";

    public static bool CanCancel(ExecutionDto execution) => CanPause(execution) || CanResume(execution);

    /// <summary>Share of the bytes copied; null where their sum is not known.</summary>
    public static double? OfBytes(ExecutionDto execution) => execution.BytesTotal > 0 ? Math.Clamp((double)execution.BytesDone / execution.BytesTotal, 0, 1) : null;

    public static double OfMoves(ExecutionDto execution) => execution.MovesTotal > 0 ? Math.Clamp((double)execution.MovesDone / execution.MovesTotal, 0, 1) : 0;

    /// <summary>"214/600 moves · 61 % bytes · ETA 18 m · 55 MB/s": what is not known is left out.</summary>
    public static string Line(ExecutionDto execution) => string.Join(" · ", new[]
    {
        $"{Show.Number(execution.MovesDone)}/{Show.Number(execution.MovesTotal)} moves",
        OfBytes(execution) is { } share ? $"{Show.Percent(share)} bytes" : null,
        Eta(execution.EtaSeconds) is { } eta ? $"ETA {eta}" : null,
        Show.Rate(execution.BytesPerSecond),
    }.Where(part => part is not null));

    /// <summary>An estimate has no seconds once it has minutes.</summary>
    public static string? Eta(double? seconds) => seconds switch
    {
        null => null,
        < 60 => Show.Duration(seconds),
        < 3600 => $"{Show.Raw(Math.Round(seconds.Value / 60))} m",
        _ => Show.Duration(seconds),
    };
}
