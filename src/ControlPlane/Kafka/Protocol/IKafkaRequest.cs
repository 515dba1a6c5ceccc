using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>A request that knows its own encoding and how its answer is read.</summary>
public interface IKafkaRequest<out TResponse>
{
    ApiDescriptor Api { get; }

    /// <summary>Writes the body only; the connection writes size and header.</summary>
    void Write(KafkaWriter writer, short version);

    /// <summary>Reads the answer's body. Throws <see cref="WireFormatException"/> on anything that is not a whole, valid body.</summary>
    TResponse ReadResponse(ref KafkaReader reader, short version);
}
