using System.Globalization;
using System.Text.Json;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Versions as Kafka's definitions write them: "3+", "0-7", "2" or "none".</summary>
internal readonly record struct VersionRange(int Min, int Max)
{
    public static VersionRange None => new(1, 0);

    public bool IsNone => Min > Max;

    public bool Contains(int version) => version >= Min && version <= Max;

    public static VersionRange Parse(string? text)
    {
        if (text is null or "none")
        {
            return None;
        }

        var parts = text.TrimEnd('+').Split('-');
        var min = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var max = text.EndsWith('+') ? short.MaxValue : int.Parse(parts[^1], CultureInfo.InvariantCulture);
        return new VersionRange(min, max);
    }
}

/// <summary>One request or response as kafka-clients defines it.</summary>
internal sealed record MessageDefinition(
    string Name,
    short ApiKey,
    VersionRange Valid,
    VersionRange Flexible,
    bool NewestIsUnstable,
    IReadOnlyList<FieldDefinition> Fields)
{
    /// <summary>Of records before 4.1, whose definitions don't tell their type.</summary>
    public const short NoKey = -1;

    public int NewestStable => NewestIsUnstable ? Valid.Max - 1 : Valid.Max;

    public static MessageDefinition Parse(JsonElement json)
    {
        var structs = json.TryGetProperty("commonStructs", out var common)
            ? common.EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("fields"), StringComparer.Ordinal)
            : [];
        return new MessageDefinition(
            json.GetProperty("name").GetString()!,
            json.TryGetProperty("apiKey", out var key) ? key.GetInt16() : NoKey,
            VersionRange.Parse(json.GetProperty("validVersions").GetString()),
            VersionRange.Parse(json.GetProperty("flexibleVersions").GetString()),
            json.TryGetProperty("latestVersionUnstable", out var unstable) && unstable.GetBoolean(),
            FieldDefinition.ParseAll(json.GetProperty("fields"), structs));
    }
}

/// <summary>One field; <paramref name="Type"/> is that of the element where it is an array, and a struct has <paramref name="Fields"/>.</summary>
internal sealed record FieldDefinition(
    string Name,
    string Type,
    bool IsArray,
    VersionRange Versions,
    VersionRange Nullable,
    VersionRange Tagged,
    uint Tag,
    string? Default,
    IReadOnlyList<FieldDefinition>? Fields)
{
    private static readonly HashSet<string> Primitives = new(StringComparer.Ordinal)
    {
        "bool", "int8", "int16", "uint16", "int32", "int64", "float64", "string", "uuid", "bytes", "records",
    };

    public bool IsStruct => Fields is not null;

    public static IReadOnlyList<FieldDefinition> ParseAll(JsonElement fields, IReadOnlyDictionary<string, JsonElement> structs) =>
        [.. fields.EnumerateArray().Select(field => Parse(field, structs))];

    private static FieldDefinition Parse(JsonElement json, IReadOnlyDictionary<string, JsonElement> structs)
    {
        var declared = json.GetProperty("type").GetString()!;
        var type = declared.StartsWith("[]", StringComparison.Ordinal) ? declared[2..] : declared;
        var fields = json.TryGetProperty("fields", out var own) ? ParseAll(own, structs)
            : structs.TryGetValue(type, out var common) ? ParseAll(common, structs)
            : null;
        if (fields is null && !Primitives.Contains(type))
        {
            throw new InvalidDataException($"The type {type} of field {json.GetProperty("name")} is neither primitive nor a struct of the message.");
        }

        var name = json.GetProperty("name").GetString()!;
        return new FieldDefinition(
            char.ToUpperInvariant(name[0]) + name[1..], // 3.3 writes a few of them in lower case
            type,
            IsArray: type.Length != declared.Length,
            VersionRange.Parse(Text(json, "versions") ?? Text(json, "taggedVersions")), // some tagged fields are given only these
            VersionRange.Parse(Text(json, "nullableVersions")),
            VersionRange.Parse(Text(json, "taggedVersions")),
            json.TryGetProperty("tag", out var tag) ? tag.GetUInt32() : 0,
            Text(json, "default"),
            fields);
    }

    /// <summary>Defaults are written as strings, numbers and booleans alike.</summary>
    private static string? Text(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();
}
