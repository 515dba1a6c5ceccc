namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>The shortest encoding of the structs of a message, from its definition, against what our types say of themselves.</summary>
internal static class MinimumSize
{
    public static void Check(MessageDefinition definition, KafkaMessage message, List<string> wrong) =>
        Check(definition, definition.Fields, message, message.Type, wrong);

    private static void Check(MessageDefinition definition, IReadOnlyList<FieldDefinition> fields, KafkaMessage message, Type type, List<string> wrong)
    {
        foreach (var field in fields.Where(field => field.IsStruct && message.Versions.Any(version => field.Versions.Contains(version))))
        {
            var property = RecordValues.Property(type, field).PropertyType;
            var element = property.GetElementType() ?? Nullable.GetUnderlyingType(property) ?? property;
            var claimed = (int)element.GetProperty("MinSize")!.GetValue(null)!;
            var expected = message.Versions.Where(version => field.Versions.Contains(version)).Min(version => Of(definition, field.Fields!, version));
            if (claimed != expected)
            {
                wrong.Add($"{element.FullName}: MinSize is {claimed}, expected {expected}");
            }

            Check(definition, field.Fields!, message, element, wrong);
        }
    }

    private static int Of(MessageDefinition definition, IReadOnlyList<FieldDefinition> fields, short version)
    {
        var flexible = definition.Flexible.Contains(version);
        return (flexible ? 1 : 0)
            + fields.Where(field => field.Versions.Contains(version) && !field.Tagged.Contains(version)).Sum(field => Of(definition, field, version, flexible));
    }

    private static int Of(MessageDefinition definition, FieldDefinition field, short version, bool flexible) => field switch
    {
        { IsArray: true } or { Type: "bytes" or "records" } => flexible ? 1 : 4,
        { Type: "string" } => flexible ? 1 : 2,
        { Type: "bool" or "int8" } => 1,
        { Type: "int16" or "uint16" } => 2,
        { Type: "int32" } => 4,
        { Type: "int64" or "float64" } => 8,
        { Type: "uuid" } => 16,
        _ when field.Nullable.Contains(version) => 1,
        _ => Of(definition, field.Fields!, version),
    };
}
