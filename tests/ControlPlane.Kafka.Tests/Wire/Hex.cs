using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Tests.Wire;

/// <summary>Bytes written as readers of a protocol write them: "00 1A FF".</summary>
internal static class Hex
{
    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static string Text(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);

    public static string Written(bool flexible, Action<KafkaWriter> write)
    {
        using var writer = new KafkaWriter(1) { Flexible = flexible };
        write(writer);
        return Text(writer.WrittenSpan);
    }
}
