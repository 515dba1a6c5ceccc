using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Simulation;

/// <summary>The shape of a simulated cluster, as a person asks for it and as the database keeps it (JSON).</summary>
internal sealed record SimulationSpec
{
    public const int MaxBrokers = 2_000;
    public const int MaxLogDirs = 16;
    public const int MaxTopics = 200_000;
    public const int MaxPartitionsPerTopic = 5_000;
    public const int MaxPartitions = 1_000_000;
    public const int MaxReplicationFactor = 7;
    public const int MaxGroups = 10_000;
    public const int MaxKilobytesPerSecond = 100_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
    };

    public int Brokers { get; init; } = 6;

    /// <summary>0: brokers have no rack.</summary>
    public int Racks { get; init; } = 3;

    public int LogDirsPerBroker { get; init; } = 2;

    /// <summary>Topics of the site; Kafka's internal ones come on top.</summary>
    public int Topics { get; init; } = 40;

    public int PartitionsPerTopic { get; init; } = 12;

    public int ReplicationFactor { get; init; } = 3;

    public int Groups { get; init; } = 8;

    /// <summary>Produced on the average for each broker of the cluster; with the topics' retention it makes how much data there is.</summary>
    public int KilobytesPerSecondPerBroker { get; init; } = 6_000;

    /// <summary>Same seed, same world.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Trouble comes and goes by itself.</summary>
    public bool Troubled { get; init; }

    /// <summary>Every mistake, each with the field and what is expected; empty where the shape can be built.</summary>
    public ImmutableArray<SpecError> Validate()
    {
        var errors = ImmutableArray.CreateBuilder<SpecError>();
        Range(nameof(Brokers), Brokers, 1, MaxBrokers);
        var brokers = Math.Clamp(Brokers, 1, MaxBrokers) == Brokers ? Brokers : MaxBrokers; // a wrong count makes no other field wrong
        Range(nameof(Racks), Racks, 0, brokers, "no more racks than brokers");
        Range(nameof(LogDirsPerBroker), LogDirsPerBroker, 1, MaxLogDirs);
        Range(nameof(Topics), Topics, 0, MaxTopics);
        Range(nameof(PartitionsPerTopic), PartitionsPerTopic, 1, MaxPartitionsPerTopic);
        Range(nameof(ReplicationFactor), ReplicationFactor, 1, Math.Min(brokers, MaxReplicationFactor), "each replica needs a broker of its own");
        Range(nameof(Groups), Groups, 0, MaxGroups);
        Range(nameof(KilobytesPerSecondPerBroker), KilobytesPerSecondPerBroker, 1, MaxKilobytesPerSecond);
        if (errors.Count == 0 && (long)Topics * PartitionsPerTopic > MaxPartitions)
        {
            errors.Add(new(Field(nameof(PartitionsPerTopic)), $"{Topics} topics of {PartitionsPerTopic} partitions are {(long)Topics * PartitionsPerTopic:N0} partitions; a simulated cluster holds at most {MaxPartitions:N0}"));
        }

        if (errors.Count == 0 && Topics == 0 && Groups > 0)
        {
            errors.Add(new(Field(nameof(Groups)), $"{Groups} groups have nothing to consume where topics is 0; expected groups 0 or at least 1 topic"));
        }

        return errors.ToImmutable();

        void Range(string name, int value, int low, int high, string? why = null)
        {
            if (value < low || value > high)
            {
                errors.Add(new(Field(name), $"is {value}; expected {low} to {high}{(why is null ? "" : $" ({why})")}"));
            }
        }
    }

    /// <summary>Reads and checks the JSON of a shape. Fields that are absent keep their default; unknown ones are mistakes.</summary>
    public static bool TryParse(string json, out SimulationSpec spec, out ImmutableArray<SpecError> errors)
    {
        try
        {
            spec = JsonSerializer.Deserialize<SimulationSpec>(json, Json) ?? new SimulationSpec();
            errors = spec.Validate();
        }
        catch (JsonException wrong)
        {
            spec = new SimulationSpec();
            errors = [new(wrong.Path is { Length: > 2 } path ? path[2..] : "simulation", $"is not readable: {wrong.Message} Expected a JSON object such as {spec.ToJson()}")];
        }

        return errors.IsEmpty;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static string Field(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}

/// <summary>A mistake in the shape of a simulated cluster.</summary>
internal sealed record SpecError(string Field, string Message)
{
    public override string ToString() => $"{Field} {Message}";
}
