using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>
/// Reads a cluster out of lines of JSON: {"type":"cluster"}, then brokers, then partitions (docs/model-file.md). Takes one line at a time
/// and keeps no text of it, so that millions of replicas stream through.
/// </summary>
public sealed class ModelFileReader
{
    private const string Types = "cluster, broker or partition";

    private static ReadOnlySpan<byte> PartitionFirst => "{\"type\":\"partition\","u8;

    private readonly Dictionary<int, BrokerRow> _brokers = [];
    private BrokerTable? _table;
    private PartitionLines? _partitions;
    private (string Name, DateTimeOffset? TakenAt)? _cluster;
    private int _line;

    /// <summary>Reads to the end; the stream is already unpacked.</summary>
    /// <exception cref="ModelFileException">The file is not what it should be.</exception>
    public static OptimizerModel Read(Stream stream, CancellationToken cancellation = default)
    {
        var reader = new ModelFileReader();
        using var lines = new LineSource(stream);
        while (lines.Next(out var line))
        {
            reader.Add(line);
            cancellation.ThrowIfCancellationRequested();
        }

        return reader.Build();
    }

    public void Add(ReadOnlySpan<byte> line)
    {
        _line++;
        line = line.Trim(" \t\r"u8);
        if (line.IsEmpty)
        {
            return;
        }

        try
        {
            ReadLine(line);
        }
        catch (LineRefusal refusal)
        {
            throw new ModelFileException(_line, refusal.Message, refusal.Expected, refusal);
        }
        catch (JsonException broken)
        {
            throw new ModelFileException(_line, $"this is no JSON, from byte {(broken.BytePositionInLine ?? 0) + 1} on", "one whole JSON object a line", broken);
        }
        catch (InvalidOperationException broken)
        {
            throw new ModelFileException(_line, "a text of it is no UTF-8", "one JSON object a line, in UTF-8", broken);
        }
    }

    public OptimizerModel Build()
    {
        if (_line == 0)
        {
            throw new ModelFileException(0, "the file is empty", "lines of JSON: brokers, then partitions");
        }

        if (_brokers.Count == 0)
        {
            throw new ModelFileException(0, "the file has no brokers", "at least one line of type broker");
        }

        var table = _table ?? new BrokerTable(_brokers.Values);
        return ModelAssembly.Build(_cluster?.Name ?? "", _cluster?.TakenAt, table, _partitions ?? new PartitionLines(table));
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw JsonValue.Wrong(ref json, "the line", "one JSON object a line");
        }

        var type = TypeOf(line);
        if (type.SequenceEqual("partition"u8))
        {
            Partitions().Read(ref json, line, _line);
        }
        else if (type.SequenceEqual("broker"u8))
        {
            AddBroker(BrokerLines.Read(ref json));
        }
        else if (type.SequenceEqual("cluster"u8))
        {
            AddCluster(ref json);
        }
        else
        {
            throw new LineRefusal($"type is \"{System.Text.Encoding.UTF8.GetString(type[..Math.Min(type.Length, 60)])}\"", Types);
        }

        json.Read(); // throws where anything follows the object
    }

    /// <summary>The type stands first as a rule, but need not.</summary>
    private static ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith(PartitionFirst))
        {
            return "partition"u8;
        }

        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("type"u8))
            {
                json.Read();
                return json.TokenType == JsonTokenType.String ? json.ValueSpan : throw JsonValue.Wrong(ref json, "type", Types);
            }

            JsonValue.Ignore(ref json);
        }

        throw JsonValue.Missing("type", "the line");
    }

    private PartitionLines Partitions()
    {
        if (_partitions is null)
        {
            if (_brokers.Count == 0)
            {
                throw new LineRefusal("a partition comes before any broker", "all brokers first");
            }

            _table = new BrokerTable(_brokers.Values);
            _partitions = new PartitionLines(_table);
        }

        return _partitions;
    }

    private void AddBroker(BrokerRow broker)
    {
        if (_partitions is not null)
        {
            throw new LineRefusal($"broker {broker.Id} comes after a partition", "all brokers first");
        }

        if (!_brokers.TryAdd(broker.Id, broker))
        {
            throw new LineRefusal($"broker {broker.Id} is there already", "each broker once");
        }
    }

    private void AddCluster(ref Utf8JsonReader json)
    {
        if (_cluster is not null)
        {
            throw new LineRefusal("a second line of type cluster", "one");
        }

        var (name, takenAt) = ("", (DateTimeOffset?)null);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (json.GetString())
            {
                case "name": name = JsonValue.TextOrNull(ref json, "name") ?? ""; break;
                case "takenAt": takenAt = ReadTime(ref json); break;
                default: JsonValue.Ignore(ref json); break;
            }
        }

        _cluster = (name, takenAt);
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String when json.TryGetDateTimeOffset(out var time) => time,
            _ => throw JsonValue.Wrong(ref json, "takenAt", "a time such as 2026-11-20T03:00:00Z"),
        };
    }
}
