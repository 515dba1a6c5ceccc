using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>What one partition line says, before it is checked. Lists whose meaning needs the replicas are kept as places in the line.</summary>
internal struct PartitionRow()
{
    public const int NoLeader = -1;
    public const int Missing = -2;

    public int Topic = Missing;
    public int Number = Missing;

    /// <summary>Broker index.</summary>
    public int Leader = Missing;

    public bool HasReplicas;
    public double Size = Missing;
    public double BytesIn = Missing;
    public double BytesOut = Missing;
    public double Cpu = Missing;
    public double FollowerCpu = double.NaN;
    public bool IsEstimated;
    public int MinInSync = Missing;
    public int DirsAt = Missing;
    public int OutOfSyncAt = Missing;
    public int OfflineAt = Missing;
    public int AddingAt = Missing;
    public int RemovingAt = Missing;

    public readonly bool HasMarks => Math.Max(Math.Max(OutOfSyncAt, OfflineAt), Math.Max(AddingAt, RemovingAt)) != Missing;

    public readonly void CheckComplete()
    {
        var missing =
            Topic == Missing ? "topic"
            : Number == Missing ? "partition"
            : !HasReplicas ? "replicas"
            : Leader == Missing ? "leader"
            : Size == Missing ? "size"
            : BytesIn == Missing ? "bytesIn"
            : BytesOut == Missing ? "bytesOut"
            : Cpu == Missing ? "cpu"
            : null;
        if (missing is not null)
        {
            throw JsonValue.Missing(missing, "the partition");
        }
    }

    /// <summary>Remembers where the value begins and steps over it; null counts as not there.</summary>
    public static int Later(ref Utf8JsonReader json, string field)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
        {
            return Missing;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw JsonValue.Wrong(ref json, field, "a list");
        }

        var at = (int)json.TokenStartIndex;
        json.Skip();
        return at;
    }
}
