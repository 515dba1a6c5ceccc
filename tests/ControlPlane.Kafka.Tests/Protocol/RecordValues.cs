using System.Collections;
using System.Reflection;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Reads our records by the field names of the message definition: a field swapped with another of its type shows here.</summary>
internal static class RecordValues
{
    /// <summary>Kafka renamed fields, whose place on the wire is the same: the older name, then ours.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal) { ["GenerationId"] = "GenerationIdOrMemberEpoch" };

    /// <summary>The record as the generic form has it: only the fields of this version.</summary>
    public static Dictionary<string, object?> Of(object record, IReadOnlyList<FieldDefinition> fields, int version) =>
        fields.Where(field => field.Versions.Contains(version))
            .ToDictionary(field => field.Name, field => Generic(Property(record.GetType(), field).GetValue(record), field, version), StringComparer.Ordinal);

    /// <summary>Fields that this version does not carry must be null or the definition's default; the others would be invented facts.</summary>
    public static IEnumerable<string> Invented(object record, IReadOnlyList<FieldDefinition> fields, int version)
    {
        foreach (var field in fields)
        {
            var property = record.GetType().GetProperty(field.Name);
            var value = property?.GetValue(record);
            if (!field.Versions.Contains(version))
            {
                if (value is not null && GenericValue.Text(value) != GenericValue.Text(GenericValue.DefaultOf(field)))
                {
                    yield return $"{field.Name} = {GenericValue.Text(value)}";
                }
            }
            else if (field.IsStruct && value is not null)
            {
                foreach (var invented in Elements(value, field).SelectMany(element => Invented(element!, field.Fields!, version)))
                {
                    yield return $"{field.Name}.{invented}";
                }
            }
        }
    }

    public static PropertyInfo Property(Type type, FieldDefinition field) =>
        type.GetProperty(field.Name)
        ?? (Renamed.TryGetValue(field.Name, out var name) ? type.GetProperty(name) : null)
        ?? throw new InvalidOperationException($"{type} has no property {field.Name}, the field's name in its message definition.");

    private static object? Generic(object? value, FieldDefinition field, int version) =>
        value is null || !field.IsStruct ? value
        : field.IsArray ? ((IEnumerable)value).Cast<object>().Select(element => (object?)Of(element, field.Fields!, version)).ToList()
        : Of(value, field.Fields!, version);

    private static IEnumerable<object?> Elements(object value, FieldDefinition field) =>
        field.IsArray ? ((IEnumerable)value).Cast<object?>() : [value];
}
