namespace ControlPlane.Kafka.Wire;

/// <summary>A whole request or response body: what <see cref="Write"/> produces, <see cref="Read"/> understands.</summary>
public interface IWireMessage<TSelf>
    where TSelf : IWireMessage<TSelf>
{
    /// <summary>Reads to the end of the frame. Throws <see cref="WireFormatException"/>, and nothing else, on bytes that are not a whole, valid body.</summary>
    static abstract TSelf Read(ref KafkaReader reader, short version);

    void Write(KafkaWriter writer, short version);
}

/// <summary>A struct inside a message: the element of an array, or a field of its own.</summary>
public interface IWireStruct<TSelf>
    where TSelf : IWireStruct<TSelf>
{
    /// <summary>Bytes that the shortest encoding takes in any version we speak. Bounds how many elements a frame can hold, before they are allocated.</summary>
    static abstract int MinSize { get; }

    static abstract TSelf Read(ref KafkaReader reader, short version);

    void Write(KafkaWriter writer, short version);
}
