using ControlPlane.Kafka.Tests.Wire;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Messages to hex and back.</summary>
internal static class MessageBytes
{
    public static string Write<T>(T message, short version)
        where T : IWireMessage<T> => Hex.Written(false, writer => message.Write(writer, version));

    public static T Read<T>(string hex, short version)
        where T : IWireMessage<T>
    {
        var reader = new KafkaReader(Hex.Bytes(hex));
        return T.Read(ref reader, version);
    }
}
