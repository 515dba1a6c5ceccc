using System.Text.Json;

namespace ControlPlane.Testing;

/// <summary>One record of the recorded offsets topics, with what Kafka's own tools print of it.</summary>
public sealed record RecordedOffset(string Source, int Partition, long Offset, long Timestamp, byte[] Key, byte[]? Value, RecordedBatch Batch, string? ControlType, JsonElement Dump)
{
    /// <summary>All of them, in the order of the log; null where the fixture is missing.</summary>
    public static IReadOnlyList<RecordedOffset>? Load(out string missing) =>
        SharedFixtures.Find("consumer-offsets/records.jsonl", out missing) is { } path ? [.. File.ReadLines(path).Select(Parse)] : null;

    private static RecordedOffset Parse(string line)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(line);
        var batch = json.GetProperty("batch");
        return new RecordedOffset(
            json.GetProperty("source").GetString()!,
            json.GetProperty("partition").GetInt32(),
            json.GetProperty("offset").GetInt64(),
            json.GetProperty("timestamp").GetInt64(),
            Convert.FromHexString(json.GetProperty("key_hex").GetString()!),
            json.GetProperty("value_hex").GetString() is { } value ? Convert.FromHexString(value) : null,
            new RecordedBatch(batch.GetProperty("producer_id").GetInt64(), batch.GetProperty("transactional").GetBoolean(), batch.GetProperty("control").GetBoolean()),
            json.TryGetProperty("control_type", out var type) ? type.GetString() : null,
            json.TryGetProperty("log_dump", out var dump) ? dump : default);
    }
}

/// <summary>What the batch of a recorded record says.</summary>
public sealed record RecordedBatch(long ProducerId, bool IsTransactional, bool IsControl);

/// <summary>What the same broker answered afterwards.</summary>
public sealed record RecordedGroup(string Source, string Group, bool IsListed, IReadOnlyDictionary<(string Topic, int Partition), long> Offsets)
{
    public static IReadOnlyList<RecordedGroup>? Load(out string missing) =>
        SharedFixtures.Find("consumer-offsets/expected-groups.jsonl", out missing) is { } path ? [.. File.ReadLines(path).Select(Parse)] : null;

    private static RecordedGroup Parse(string line)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(line);
        return new RecordedGroup(
            json.GetProperty("source").GetString()!,
            json.GetProperty("group").GetString()!,
            json.GetProperty("listing").ValueKind != JsonValueKind.Null,
            json.GetProperty("offsets").EnumerateArray().ToDictionary(
                one => (one.GetProperty("topic").GetString()!, one.GetProperty("partition").GetInt32()), one => one.GetProperty("offset").GetInt64()));
    }
}
