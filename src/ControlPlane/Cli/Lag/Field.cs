using System.Globalization;
using System.Text;
using System.Text.Json;
using ControlPlane.Engine.Lag;

namespace ControlPlane.Cli.Lag;

/// <summary>Takes the next value of a line and refuses one that is not what its field needs.</summary>
internal static class Field
{
    /// <summary>Times further out than this can't be subtracted from each other safely, and mean nothing.</summary>
    public const long LeastTime = -MostTime;

    private const long MostTime = 1L << 60;
    private const int MostTold = 60;

    private static readonly (string Word, PartitionUse Use)[] Uses =
    [
        ("assigned", PartitionUse.Assigned), ("unsubscribed", PartitionUse.Unsubscribed), ("group-empty", PartitionUse.GroupEmpty), ("topic-deleted", PartitionUse.TopicDeleted),
    ];

    public static string Text(ref Utf8JsonReader json, string field)
    {
        json.Read();
        return json.TokenType == JsonTokenType.String && json.GetString() is { } text ? text : throw Wrong(ref json, field, "a text");
    }

    public static long Time(ref Utf8JsonReader json, string field) => Number(ref json, field, LeastTime, MostTime);

    public static long Number(ref Utf8JsonReader json, string field, long least, long most)
    {
        json.Read();
        return NumberHere(ref json, field, least, most);
    }

    public static long? NumberOrNull(ref Utf8JsonReader json, string field, long least, long most)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : NumberHere(ref json, field, least, most);
    }

    /// <summary>1000.0 and 1e3 are whole numbers too.</summary>
    public static long NumberHere(ref Utf8JsonReader json, string field, long least, long most)
    {
        if (json.TokenType == JsonTokenType.Number)
        {
            if (json.TryGetInt64(out var whole))
            {
                return whole >= least && whole <= most ? whole : throw Wrong(ref json, field, Range(least, most));
            }

            if (json.TryGetDecimal(out var value) && value == decimal.Truncate(value) && value >= least && value <= most)
            {
                return (long)value;
            }
        }

        throw Wrong(ref json, field, Range(least, most));
    }

    /// <summary>0 where it says null. Single precision, as Burrow keeps it.</summary>
    public static float Share(ref Utf8JsonReader json, string field)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? 0
            : json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var value) && value is >= 0 and <= 1 ? (float)value
            : throw Wrong(ref json, field, "a number from 0 to 1");
    }

    public static PartitionUse Use(ref Utf8JsonReader json)
    {
        json.Read();
        var said = json.TokenType == JsonTokenType.String ? json.GetString() : null;
        var match = Array.FindIndex(Uses, entry => entry.Word == said);
        return json.TokenType == JsonTokenType.Null ? PartitionUse.Unknown
            : match >= 0 ? Uses[match].Use
            : throw Wrong(ref json, "use", $"one of {string.Join(", ", Uses.Select(entry => entry.Word))}, or null");
    }

    /// <summary>True where a list begins, false where it says null, which is an empty one.</summary>
    public static bool BeginList(ref Utf8JsonReader json, string field)
    {
        json.Read();
        return json.TokenType == JsonTokenType.StartArray || (json.TokenType == JsonTokenType.Null ? false : throw Wrong(ref json, field, "a list"));
    }

    /// <summary>What stands where the reader is, cut short.</summary>
    public static string Here(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => $"\"{Cut(json.ValueSpan)}\"",
        _ => Cut(json.ValueSpan),
    };

    private static LineRefusal Wrong(ref Utf8JsonReader json, string field, string expected) => new($"{field} is {Here(ref json)}", expected);

    private static string Range(long least, long most) =>
        most == long.MaxValue && least == 0 ? "a whole number from 0 on" : string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}");

    private static string Cut(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text.Length <= MostTold ? text : text[..MostTold]) + (text.Length <= MostTold ? "" : "...");
}
