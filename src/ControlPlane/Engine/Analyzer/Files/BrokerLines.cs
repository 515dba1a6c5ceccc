using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Reads broker lines.</summary>
internal static class BrokerLines
{
    private const double Unsaid = -1;

    /// <summary>As in <see cref="OptimizerModel.Capacity"/>.</summary>
    private static readonly string[] CapacityFields = ["cpu", "networkIn", "networkOut", "disk"];

    public static BrokerRow Read(ref Utf8JsonReader json)
    {
        int? id = null;
        var (rack, host, condition) = ((string?)null, (string?)null, BrokerCondition.Alive);
        var (capacity, foreign, dirs) = ((double[]?)null, 0.0, (List<DirRow>)[]);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (json.GetString())
            {
                case "id": id = JsonValue.Number(ref json, "id"); break;
                case "rack": rack = JsonValue.TextOrNull(ref json, "rack"); break;
                case "host": host = JsonValue.TextOrNull(ref json, "host"); break;
                case "state": condition = ReadState(ref json); break;
                case "capacity": capacity = ReadCapacity(ref json); break;
                case "diskForeign": foreign = JsonValue.Amount(ref json, "diskForeign"); break;
                case "logDirs": dirs = ReadDirs(ref json); break;
                default: JsonValue.Ignore(ref json); break;
            }
        }

        return new BrokerRow(
            id ?? throw JsonValue.Missing("id", "the broker"), rack, host, condition,
            capacity ?? throw JsonValue.Missing("capacity", "the broker"), double.IsNaN(foreign) ? 0 : foreign, dirs);
    }

    private static BrokerCondition ReadState(ref Utf8JsonReader json) => JsonValue.Text(ref json, "state") switch
    {
        "alive" => BrokerCondition.Alive,
        "new" => BrokerCondition.New,
        "dead" => BrokerCondition.Dead,
        "demoted" => BrokerCondition.Demoted,
        "excluded" => BrokerCondition.Excluded,
        var other => throw new LineRefusal($"state is \"{other}\"", "alive, new, dead, demoted or excluded"),
    };

    private static double[] ReadCapacity(ref Utf8JsonReader json)
    {
        double[] found = [Unsaid, Unsaid, Unsaid, Unsaid];
        JsonValue.Begin(ref json, JsonTokenType.StartObject, "capacity");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            var at = Array.IndexOf(CapacityFields, name);
            if (at >= 0)
            {
                found[at] = JsonValue.Capacity(ref json, $"capacity.{name}");
            }
            else
            {
                JsonValue.Ignore(ref json);
            }
        }

        var missing = Array.IndexOf(found, Unsaid);
        return missing < 0 ? found : throw JsonValue.Missing(CapacityFields[missing], "capacity");
    }

    private static List<DirRow> ReadDirs(ref Utf8JsonReader json)
    {
        var dirs = new List<DirRow>();
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
        {
            return dirs;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw JsonValue.Wrong(ref json, "logDirs", "a list of objects");
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var dir = ReadDir(ref json);
            dirs.Add(dirs.TrueForAll(other => other.Path != dir.Path) ? dir : throw new LineRefusal($"log dir {dir.Path} is there twice", "each path once"));
        }

        return dirs;
    }

    private static DirRow ReadDir(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw JsonValue.Wrong(ref json, "a log dir", "an object with path, capacity and alive");
        }

        var (path, capacity, isAlive) = ((string?)null, double.NaN, true);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (json.GetString())
            {
                case "path": path = JsonValue.Text(ref json, "path"); break;
                case "capacity": capacity = JsonValue.Capacity(ref json, "capacity of a log dir"); break;
                case "alive": isAlive = JsonValue.Flag(ref json, "alive"); break;
                default: JsonValue.Ignore(ref json); break;
            }
        }

        return new DirRow(path ?? throw JsonValue.Missing("path", "a log dir"), capacity, isAlive);
    }
}
