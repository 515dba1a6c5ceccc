namespace ControlPlane.Engine.Analyzer;

/// <summary>The eight kinds of load that brokers are balanced by; the order is that of the packed arrays.</summary>
public static class Lane
{
    public const int Cpu = 0;
    public const int BytesIn = 1;
    public const int BytesOut = 2;
    public const int Disk = 3;
    public const int Replicas = 4;
    public const int Leaders = 5;
    public const int LeaderBytesIn = 6;
    public const int PotentialBytesOut = 7;

    public const int Count = 8;

    /// <summary>Lanes whose hard limit forbids a move; the others only cost.</summary>
    public const int HardCount = 5;
}
