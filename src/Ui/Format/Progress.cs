using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>Where an execution stands, in one line and in what a person can still do to it.</summary>
public static class Progress
{
    public static bool IsOpen(ExecutionDto execution) => execution.State is not ("done" or "cancelled" or "failed");

    public static bool CanPause(ExecutionDto execution) => execution.State is "preparing" or "running";

    public static bool CanResume(ExecutionDto execution) => execution.State is "pausing" or "paused";

    public static bool CanCancel(ExecutionDto execution) => CanPause(execution) || CanResume(execution);

    /// <summary>Whether bytes are copied or could be; at the end, throttles and lists are put right without any.</summary>
    public static bool IsMoving(ExecutionDto execution) => CanCancel(execution);

    /// <summary>What is left, in words: an estimate while there is something to copy, then what is put right.</summary>
    public static string? Left(ExecutionDto execution) => execution.State switch
    {
        "cancelling" => "being cancelled",
        "cleaning-up" => "removing our throttles",
        "verifying" => "checking the replica lists",
        _ when !IsOpen(execution) => null,
        _ => Eta(execution.EtaSeconds) is { } eta ? $"about {eta} left" : "time left not known yet",
    };

    /// <summary>Why no rate and no estimate stand there.</summary>
    public static string WhyNoRate(ExecutionDto execution) => !IsOpen(execution) ? "It has ended" : IsMoving(execution) ? "Not measured yet" : "Nothing more is copied";

    /// <summary>Share of the bytes copied; null where their sum is not known.</summary>
    public static double? OfBytes(ExecutionDto execution) => execution.BytesTotal > 0 ? Math.Clamp((double)execution.BytesDone / execution.BytesTotal, 0, 1) : null;

    public static double OfMoves(ExecutionDto execution) => execution.MovesTotal > 0 ? Math.Clamp((double)execution.MovesDone / execution.MovesTotal, 0, 1) : 0;

    /// <summary>"214/600 moves · 61 % bytes · ETA 18 m · 55 MB/s": what is not known is left out.</summary>
    public static string Line(ExecutionDto execution) => string.Join(" · ", new[]
    {
        $"{Show.Number(execution.MovesDone)}/{Show.Number(execution.MovesTotal)} moves",
        OfBytes(execution) is { } share ? $"{Show.Percent(share)} bytes" : null,
        IsMoving(execution) && Eta(execution.EtaSeconds) is { } eta ? $"ETA {eta}" : null,
        IsMoving(execution) ? Show.Rate(execution.BytesPerSecond) : Left(execution),
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
