using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Takes the next value of a line and refuses one that is not what its field needs.</summary>
internal static class JsonValue
{
    /// <summary>Beyond it a sum of millions loses whole bytes.</summary>
    private const double MostAmount = 1e18;

    private const int MostText = 60;

    /// <summary>NaN where the file says null.</summary>
    public static double Amount(ref Utf8JsonReader json, string field)
    {
        const string Expected = "a number from 0 to 1e18, or null where it is not known";
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
        {
            return double.NaN;
        }

        return json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var value) && value is >= 0 and <= MostAmount
            ? value + 0.0 // -0 becomes 0
            : throw Wrong(ref json, field, Expected);
    }

    /// <summary>NaN where the file says null; nothing can be measured against a capacity of 0.</summary>
    public static double Capacity(ref Utf8JsonReader json, string field)
    {
        var value = Amount(ref json, field);
        return value == 0 ? throw new LineRefusal($"{field} is 0", "a number above 0, or null where it is not known") : value;
    }

    public static int Number(ref Utf8JsonReader json, string field)
    {
        json.Read();
        return NumberHere(ref json, field);
    }

    public static int NumberHere(ref Utf8JsonReader json, string field) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var value) && value >= 0
            ? value
            : throw Wrong(ref json, field, $"a whole number from 0 to {int.MaxValue.ToString(CultureInfo.InvariantCulture)}");

    public static bool Flag(ref Utf8JsonReader json, string field)
    {
        json.Read();
        return json.TokenType is JsonTokenType.True or JsonTokenType.False ? json.GetBoolean() : throw Wrong(ref json, field, "true or false");
    }

    public static string Text(ref Utf8JsonReader json, string field) =>
        TextOrNull(ref json, field) ?? throw new LineRefusal($"{field} is null", "a text");

    public static string? TextOrNull(ref Utf8JsonReader json, string field)
    {
        json.Read();
        return json.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String when json.GetString() is { Length: > 0 } text => text,
            JsonTokenType.String => throw new LineRefusal($"{field} is empty", "a text that is not empty"),
            _ => throw Wrong(ref json, field, "a text"),
        };
    }

    public static void Begin(ref Utf8JsonReader json, JsonTokenType kind, string field)
    {
        json.Read();
        if (json.TokenType != kind)
        {
            throw Wrong(ref json, field, kind == JsonTokenType.StartArray ? "a list" : "an object");
        }
    }

    public static void Ignore(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    public static LineRefusal Missing(string field, string of) => new($"{of} has no {field}", $"the field \"{field}\"");

    public static LineRefusal Wrong(ref Utf8JsonReader json, string field, string expected) => new($"{field} is {Here(ref json)}", expected);

    private static string Here(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => $"\"{Cut(json.ValueSpan)}\"",
        _ => Cut(json.ValueSpan),
    };

    private static string Cut(ReadOnlySpan<byte> text) =>
        text.Length <= MostText ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..MostText]) + "...";
}
