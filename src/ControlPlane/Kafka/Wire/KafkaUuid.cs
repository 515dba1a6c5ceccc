using System.Buffers.Text;

namespace ControlPlane.Kafka.Wire;

/// <summary>Kafka's text form of a uuid: URL-safe Base64 of the 16 bytes without padding, always 22 characters.</summary>
public static class KafkaUuid
{
    public const int TextLength = 22;

    private const int Size = 16;

    public static string Format(Guid id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Guid id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != TextLength
            || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != Size)
        {
            id = default;
            return false;
        }

        id = new Guid(bytes, bigEndian: true);
        return true;
    }
}
