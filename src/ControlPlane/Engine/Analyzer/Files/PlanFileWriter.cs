using System.Collections.Immutable;
using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Writes the moves of a plan, one a line, in the order of execution.</summary>
public static class PlanFileWriter
{
    /// <summary>The stream stays open.</summary>
    public static void Write(OptimizerModel model, IEnumerable<PartitionChange> changes, Stream stream)
    {
        using var lines = new LineWriter(stream);
        var order = 0;
        foreach (var change in changes)
        {
            var json = lines.Begin(null);
            json.WriteNumber("order", ++order);
            json.WriteString("topic", model.Topics[model.Topic[change.Partition]]);
            json.WriteNumber("partition", model.Number[change.Partition]);
            WriteBrokers(model, json, "before", change.Before);
            WriteBrokers(model, json, "after", change.After);
            json.WriteNumber("leaderBefore", IdOf(model, change.LeaderBefore));
            json.WriteNumber("leaderAfter", IdOf(model, change.LeaderAfter));
            WriteDirs(model, json, change.DirsAfter);
            lines.Amount("bytes", change.Bytes);
            lines.Amount("dirBytes", change.DirBytes);
            json.WriteString("class", WordOf(change.Class));
            json.WriteString("reason", change.Goal);
            lines.End();
        }
    }

    private static string WordOf(MoveClass moveClass) => moveClass switch
    {
        MoveClass.DataAtRisk => "data-at-risk",
        MoveClass.Offline => "offline",
        MoveClass.Rack => "rack",
        MoveClass.Capacity => "capacity",
        MoveClass.Balance => "balance",
        _ => throw new InvalidOperationException($"Unhandled class {moveClass}"),
    };

    private static int IdOf(OptimizerModel model, int broker) => broker < 0 ? -1 : model.BrokerIds[broker];

    private static void WriteBrokers(OptimizerModel model, Utf8JsonWriter json, string field, ImmutableArray<int> brokers)
    {
        json.WriteStartArray(field);
        foreach (var broker in brokers)
        {
            json.WriteNumberValue(model.BrokerIds[broker]);
        }

        json.WriteEndArray();
    }

    private static void WriteDirs(OptimizerModel model, Utf8JsonWriter json, ImmutableArray<int> dirs)
    {
        if (dirs.IsDefaultOrEmpty || dirs.All(dir => dir < 0))
        {
            return;
        }

        json.WriteStartArray("logDirs");
        foreach (var dir in dirs)
        {
            if (dir < 0)
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteStringValue(model.DirPaths[dir]);
            }
        }

        json.WriteEndArray();
    }
}
