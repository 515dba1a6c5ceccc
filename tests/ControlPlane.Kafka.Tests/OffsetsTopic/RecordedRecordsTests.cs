using System.Collections;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.OffsetsTopic;

/// <summary>Records that real brokers wrote, against what Kafka's own DumpLogSegments printed of them.</summary>
public sealed class RecordedRecordsTests
{
    [Fact]
    public void Every_record_of_real_brokers_reads_as_Kafkas_own_tool_prints_it()
    {
        if (RecordedOffset.Load(out var missing) is not { } records)
        {
            Assert.Skip(missing);
            return;
        }

        var judged = 0;
        foreach (var record in records.Where(record => !record.Batch.IsControl))
        {
            var taken = TakenRecords.Decode(record.Key, record.Value, out var counters);
            Assert.True(counters.Decoded == 1 && counters.Skipped == 0, $"{record.Source} {record.Partition} {record.Offset} was passed over");
            judged += Judge(record, taken);
        }

        Assert.True(judged > 400, $"only {judged} records were compared");
    }

    private static int Judge(RecordedOffset record, TakenRecords taken)
    {
        if (record.Dump.ValueKind != JsonValueKind.Object || !record.Dump.TryGetProperty("payload", out var payload))
        {
            return 0;
        }

        var ours = taken.Commits.SingleOrDefault() ?? taken.Groups.Single().Value;
        if (payload.ValueKind == JsonValueKind.String)
        {
            Assert.Equal("<DELETE>", payload.GetString());
            Assert.True(taken.Commits.SingleOrDefault()?.IsTombstone ?? taken.Groups.Single().IsTombstone);
            return 1;
        }

        var wrong = Differences(payload.GetProperty("data"), ours!, "").ToList();
        Assert.True(wrong.Count == 0, $"{record.Source} {record.Partition} {record.Offset}: {string.Join("; ", wrong)}");
        return 1;
    }

    private static IEnumerable<string> Differences(JsonElement theirs, object? ours, string path) => theirs.ValueKind switch
    {
        JsonValueKind.Object => theirs.EnumerateObject().SelectMany(field => Differences(field.Value, Property(Decoded(ours, path), field.Name), $"{path}.{field.Name}")),
        JsonValueKind.Array => Elements(theirs, ours, path),
        JsonValueKind.Null => ours is null ? [] : [$"{path}: expected null, got {ours}"],
        _ => Text(ours) == theirs.ToString() ? [] : [$"{path}: expected {theirs}, got {Text(ours)}"],
    };

    private static IEnumerable<string> Elements(JsonElement theirs, object? ours, string path)
    {
        var elements = (ours as IEnumerable)?.Cast<object?>().ToList() ?? [];
        return elements.Count == theirs.GetArrayLength()
            ? theirs.EnumerateArray().SelectMany((element, i) => Differences(element, elements[i], $"{path}[{i}]"))
            : [$"{path}: expected {theirs.GetArrayLength()} elements, got {elements.Count}"];
    }

    private static object? Property(object? ours, string name)
    {
        var property = ours?.GetType().GetProperty(char.ToUpperInvariant(name[0]) + name[1..]);
        Assert.True(property is not null, $"{ours?.GetType()} has no {name}");
        return property.GetValue(ours);
    }

    /// <summary>The tool prints the bytes of the consumer protocol decoded, those of other protocols as Base64.</summary>
    private static object? Decoded(object? ours, string path) => ours is not byte[] bytes ? ours
        : path.EndsWith("assignment", StringComparison.Ordinal) ? ConsumerAssignment.Parse(bytes)
        : ConsumerSubscription.Parse(bytes);

    private static string? Text(object? value) => value switch
    {
        byte[] bytes => Convert.ToBase64String(bytes),
        Guid id => KafkaUuid.Format(id),
        bool flag => flag.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };
}
