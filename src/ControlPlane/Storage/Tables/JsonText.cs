using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ControlPlane.Storage.Tables;

/// <summary>Keeps a small string map as one jsonb column.</summary>
internal static class JsonText
{
    public static ValueConverter<Dictionary<string, string>, string> Converter { get; } = new(
        map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default),
        text => JsonSerializer.Deserialize<Dictionary<string, string>>(text, JsonSerializerOptions.Default) ?? new Dictionary<string, string>());

    public static ValueComparer<Dictionary<string, string>> Comparer { get; } = new(
        (left, right) => JsonSerializer.Serialize(left, JsonSerializerOptions.Default) == JsonSerializer.Serialize(right, JsonSerializerOptions.Default),
        map => map.Count,
        map => new Dictionary<string, string>(map));
}
