using System.Collections;
using System.Globalization;
using System.Text;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Values as the generic encoder and decoder have them: random ones, defaults, and how ours compare with them.</summary>
internal static class GenericValue
{
    public static Dictionary<string, object?> Random(IReadOnlyList<FieldDefinition> fields, int version, Random random, int depth = 0) =>
        fields.Where(field => field.Versions.Contains(version))
            .ToDictionary(field => field.Name, field => Random(field, version, random, depth), StringComparer.Ordinal);

    public static object? DefaultOf(FieldDefinition field) => field switch
    {
        { Default: "null" } => null,
        { IsArray: true } => new List<object?>(),
        _ => field.Type switch
        {
            "bool" => field.Default == "true",
            "int8" => (sbyte)Number(field),
            "int16" => (short)Number(field),
            "uint16" => (ushort)Number(field),
            "int32" => (int)Number(field),
            "int64" => Number(field),
            "float64" => 0d,
            "string" => field.Default ?? "",
            "bytes" or "records" => Array.Empty<byte>(),
            "uuid" => new byte[16],
            _ when field.Fields is { } fields => fields.ToDictionary(inner => inner.Name, DefaultOf, StringComparer.Ordinal),
            _ => throw new NotSupportedException($"{field.Name} has the type {field.Type}, of which we need no default."),
        },
    };

    public static bool IsDefault(FieldDefinition field, object? value) =>
        value switch
        {
            List<object?> list => list.Count == 0 && DefaultOf(field) is not null, // an empty list is not a null one
            byte[] or Dictionary<string, object?> => Same(value, DefaultOf(field)),
            _ => Equals(value, DefaultOf(field)),
        };

    /// <summary>Whether two values are the same; enums, slices and uuids of ours count as what they stand for.</summary>
    public static bool Same(object? one, object? other) => (one, other) switch
    {
        (null, _) or (_, null) => one is null && other is null,
        (Dictionary<string, object?> fields, Dictionary<string, object?> others) =>
            fields.Count == others.Count && fields.All(field => others.TryGetValue(field.Key, out var value) && Same(field.Value, value)),
        (List<object?> elements, List<object?> others) => elements.Count == others.Count && elements.Zip(others).All(pair => Same(pair.First, pair.Second)),
        (string text, string otherText) => text == otherText,
        (int number, int otherNumber) => number == otherNumber,
        (long number, long otherNumber) => number == otherNumber,
        (bool flag, bool otherFlag) => flag == otherFlag,
        _ => Text(one) == Text(other),
    };

    /// <summary>Values of either side in one readable form.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => '"' + text + '"',
        bool flag => flag ? "true" : "false",
        double number => BitConverter.DoubleToInt64Bits(number).ToString("X16", CultureInfo.InvariantCulture),
        Guid id => Convert.ToHexString(id.ToByteArray(bigEndian: true)),
        byte[] bytes => Convert.ToHexString(bytes),
        Enum code => Convert.ToInt64(code, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        ReadOnlyMemory<int> slice => Text(slice.ToArray()),
        IDictionary fields => "{" + string.Join(' ', fields.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(key => $"{key}={Text(fields[key])}")) + "}",
        IEnumerable elements => "[" + string.Join(' ', elements.Cast<object?>().Select(Text)) + "]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"Values of type {value.GetType()} have no text here."),
    };

    private static object? Random(FieldDefinition field, int version, Random random, int depth)
    {
        if (field.Nullable.Contains(version) && random.Next(4) == 0)
        {
            return null;
        }

        if (!field.IsArray)
        {
            return RandomOne(field, version, random, depth);
        }

        var element = field with { IsArray = false, Nullable = VersionRange.None };
        return Enumerable.Range(0, RandomCount(random, depth)).Select(_ => RandomOne(element, version, random, depth + 1)).ToList();
    }

    private static object? RandomOne(FieldDefinition field, int version, Random random, int depth) => field.Type switch
    {
        "bool" => random.Next(2) == 0,
        "int8" => (sbyte)random.Next(sbyte.MinValue, sbyte.MaxValue + 1),
        "int16" => (short)random.Next(short.MinValue, short.MaxValue + 1),
        "uint16" => (ushort)random.Next(ushort.MaxValue + 1),
        "int32" => random.Next(4) == 0 ? -1 : (int)random.NextInt64(int.MinValue, 1L + int.MaxValue),
        "int64" => random.Next(4) == 0 ? -1 : random.NextInt64(long.MinValue, long.MaxValue),
        "float64" => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        "uuid" => RandomBytes(random, 16),
        "bytes" or "records" => RandomBytes(random, random.Next(200)),
        "string" => RandomText(random),
        _ => Random(field.Fields!, version, random, depth),
    };

    /// <summary>Now and then many, so that counts need two bytes; never many inside many.</summary>
    private static int RandomCount(Random random, int depth) => random.Next(60) switch
    {
        0 when depth == 0 => random.Next(120, 140),
        < 15 => 0,
        _ => random.Next(1, 4),
    };

    private static string RandomText(Random random)
    {
        ReadOnlySpan<string> pieces = ["a", "orders", "-", ".", "ä", "€", "日本", "🦊", "\0", " "];
        var text = new StringBuilder();
        for (var count = random.Next(30) == 0 ? random.Next(40, 200) : random.Next(6); count > 0; count--)
        {
            text.Append(pieces[random.Next(pieces.Length)]);
        }

        return text.ToString();
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static long Number(FieldDefinition field) =>
        field.Default is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
}
