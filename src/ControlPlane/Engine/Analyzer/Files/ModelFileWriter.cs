namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Writes a model as the lines that <see cref="ModelFileReader"/> reads, and placements in the same form.</summary>
public static class ModelFileWriter
{
    private static readonly string[] States = ["alive", "new", "dead", "demoted", "excluded"];

    /// <summary>The stream stays open.</summary>
    public static void Write(OptimizerModel model, Stream stream)
    {
        using var lines = new LineWriter(stream);
        WriteCluster(model, lines);
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            WriteBroker(model, broker, lines);
        }

        var rows = new PartitionLineWriter(model, lines);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            rows.WriteAsItIs(partition);
        }
    }

    /// <summary>The partitions as they are once all changes are made; those that do not change are written as they are.</summary>
    public static void WritePlacement(OptimizerModel model, IEnumerable<PartitionChange> changes, Stream stream)
    {
        using var lines = new LineWriter(stream);
        var rows = new PartitionLineWriter(model, lines);
        var changed = new Dictionary<int, PartitionChange>();
        foreach (var change in changes)
        {
            changed[change.Partition] = change;
        }

        for (var partition = 0; partition < model.Partitions; partition++)
        {
            if (changed.TryGetValue(partition, out var change))
            {
                rows.WriteAfter(change);
            }
            else
            {
                rows.WriteAsItIs(partition);
            }
        }
    }

    private static void WriteCluster(OptimizerModel model, LineWriter lines)
    {
        var json = lines.Begin("cluster");
        if (model.Name.Length > 0)
        {
            json.WriteString("name", model.Name);
        }

        if (model.TakenAt is { } time)
        {
            json.WriteString("takenAt", time);
        }

        lines.End();
    }

    private static void WriteBroker(OptimizerModel model, int broker, LineWriter lines)
    {
        var json = lines.Begin("broker");
        json.WriteNumber("id", model.BrokerIds[broker]);
        if (model.Racks[broker] is { } rack)
        {
            json.WriteString("rack", rack);
        }

        json.WriteString("host", model.Hosts[broker]);
        json.WriteString("state", States[(int)model.Conditions[broker]]);
        json.WriteStartObject("capacity");
        lines.Amount("cpu", model.Capacity[broker * 4]);
        lines.Amount("networkIn", model.Capacity[(broker * 4) + 1]);
        lines.Amount("networkOut", model.Capacity[(broker * 4) + 2]);
        lines.Amount("disk", model.Capacity[(broker * 4) + 3]);
        json.WriteEndObject();
        if (model.DiskForeign[broker] > 0)
        {
            lines.Amount("diskForeign", model.DiskForeign[broker]);
        }

        WriteDirs(model, broker, lines);
        lines.End();
    }

    private static void WriteDirs(OptimizerModel model, int broker, LineWriter lines)
    {
        if (model.DirStart[broker] == model.DirStart[broker + 1])
        {
            return;
        }

        lines.Json.WriteStartArray("logDirs");
        for (var dir = model.DirStart[broker]; dir < model.DirStart[broker + 1]; dir++)
        {
            lines.Json.WriteStartObject();
            lines.Json.WriteString("path", model.DirPaths[dir]);
            lines.Amount("capacity", model.DirCapacity[dir]);
            lines.Json.WriteBoolean("alive", model.DirAlive[dir]);
            lines.Json.WriteEndObject();
        }

        lines.Json.WriteEndArray();
    }
}
