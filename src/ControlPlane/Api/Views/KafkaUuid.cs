using System.Buffers.Text;

namespace ControlPlane.Api.Views;

/// <summary>Kafka's way to write a UUID, as its own tools print topic ids: 22 characters of URL-safe base64.</summary>
internal static class KafkaUuid
{
    public static string Format(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}
