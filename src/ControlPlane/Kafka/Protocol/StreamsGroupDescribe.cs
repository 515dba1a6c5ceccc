using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Streams groups, from their coordinator. Message definition: StreamsGroupDescribeRequest.json (KIP-1071).</summary>
public sealed record StreamsGroupDescribeRequest(string[] GroupIds, bool IncludeAuthorizedOperations = false)
    : IKafkaRequest<StreamsGroupDescribeResponse>, IWireMessage<StreamsGroupDescribeRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.StreamsGroupDescribe, MinVersion: 0, MaxVersion: 0, FlexibleFrom: 0);

    public ApiDescriptor Api => Descriptor;

    public static StreamsGroupDescribeRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new StreamsGroupDescribeRequest(reader.ReadStringArray(), reader.ReadBool());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteStringArray(GroupIds);
        writer.WriteBool(IncludeAuthorizedOperations);
        writer.WriteEmptyTaggedFields();
    }

    public StreamsGroupDescribeResponse ReadResponse(ref KafkaReader reader, short version) => StreamsGroupDescribeResponse.Read(ref reader, version);
}
