using System.Globalization;
using ControlPlane.Engine.Lag;

namespace ControlPlane.Engine.Tests.Lag;

/// <summary>A window written as text: "offset@seconds/lag" a commit, "?" for a lag that is not known.</summary>
internal sealed record Window(long[] Offsets, long[] Times, long[] Lags, long[] EndOffsets)
{
    public int Slots { get; init; } = 10;

    public long[] EndTimes { get; init; } = [];

    public long? CurrentLag { get; init; }

    public long LogStart { get; init; } = CommitWindow.Unknown;

    public PartitionUse Use { get; init; }

    public long LongestWait { get; init; }

    public long WorkedOff { get; init; }

    public static Window Of(string commits, params long[] endOffsets)
    {
        var parts = commits.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('@', '/')).ToArray();
        return new Window(
            [.. parts.Select(part => Number(part[0]))],
            [.. parts.Select(part => (long)(double.Parse(part[1], CultureInfo.InvariantCulture) * 1000))],
            [.. parts.Select(part => part[2] == "?" ? CommitWindow.Unknown : Number(part[2]))],
            endOffsets);
    }

    public CommitWindow At(double seconds) => new()
    {
        Offsets = Offsets,
        Times = Times,
        Lags = Lags,
        EndOffsets = EndOffsets,
        EndTimes = EndTimes,
        Slots = Slots,
        Now = (long)(seconds * 1000),
        CurrentLag = CurrentLag ?? CommitWindow.LagOf(Offsets, EndOffsets),
        LogStartOffset = LogStart,
        Use = Use,
        LongestWait = LongestWait,
        WorkedOff = WorkedOff,
    };

    public LagVerdict Burrow(double seconds, long allowed = 0, float minimum = 0) => BurrowRules.Judge(At(seconds), allowed, minimum);

    public LagVerdict Ours(double seconds, long allowed = 0, float minimum = 0) => DefaultRules.Judge(At(seconds), LagPolicy.Of(allowed, minimum));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
