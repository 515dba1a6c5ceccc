using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage.Tables;

namespace ControlPlane.Storage;

/// <summary>The shape in which anomalies are stored.</summary>
internal static class AnomalyJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    // Kafka allows NUL in names of groups; jsonb does not.
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options).Replace("\\u0000", "\\uFFFD", StringComparison.Ordinal);

    public static T Read<T>(string text) =>
        JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException($"A stored {typeof(T).Name} is null.");

    public static string Word(AnomalyState state) => state switch
    {
        AnomalyState.Pending => "pending",
        AnomalyState.Active => "active",
        AnomalyState.Resolved => "resolved",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Unknown state of an anomaly"),
    };

    public static string Word(Severity severity) => severity switch
    {
        Severity.Info => "info",
        Severity.Warning => "warning",
        Severity.Error => "error",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "Unknown severity"),
    };

    public static Anomaly ToAnomaly(AnomalyRow row) => new(
        row.Id,
        row.Cluster,
        Enum.Parse<AnomalyState>(row.State, ignoreCase: true),
        Read<Detection>(row.Detection),
        row.FirstSeen,
        row.LastSeen,
        row.ActiveAt,
        row.ResolvedAt,
        Read<BlastRadius>(row.Worst));
}
