using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Storage;

/// <summary>A whole plan as compressed JSON: fifty thousand moves are a megabyte instead of ten.</summary>
internal static class PlanBody
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // capacities that are unknown
        Converters = { new ClusterIdConverter(), new JsonStringEnumConverter() },
    };

    public static byte[] Write(RebalancePlan plan)
    {
        using var stream = new MemoryStream();
        using (var compressed = new BrotliStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(compressed, plan, Options);
        }

        return stream.ToArray();
    }

    public static RebalancePlan Read(byte[] body)
    {
        using var stream = new BrotliStream(new MemoryStream(body), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<RebalancePlan>(stream, Options) ?? throw new InvalidDataException("A stored plan is empty.");
    }

    private sealed class ClusterIdConverter : JsonConverter<ClusterId>
    {
        public override ClusterId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, ClusterId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
