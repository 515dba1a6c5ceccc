namespace ControlPlane.Engine.Lag.Store;

/// <summary>How long after a commit it was read, in one byte: seconds up to two minutes, minutes up to two hours, and no more than that.</summary>
internal static class Delay
{
    private const int Minutes = 128;
    private const int FirstMinute = 2;

    public static byte Pack(long seconds) =>
        seconds < Minutes ? (byte)Math.Max(0, seconds) : (byte)Math.Min(byte.MaxValue, Minutes - FirstMinute + (seconds / 60));

    public static long Seconds(byte packed) => packed < Minutes ? packed : (packed - Minutes + FirstMinute) * 60L;
}
