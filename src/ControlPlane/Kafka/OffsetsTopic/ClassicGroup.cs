using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>
/// A group of the classic protocol (GroupMetadataValue.json). Connect, schema registries and others use it too, with a
/// protocol type of their own; then the bytes of subscription and assignment are theirs.
/// </summary>
public sealed record GroupMetadataValue(string ProtocolType, int Generation, string? Protocol, string? Leader, long CurrentStateTimestamp, GroupMetadataValue.MemberMetadata[] Members)
{
    internal static GroupMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new GroupMetadataValue(
            ProtocolType: reader.ReadString(),
            Generation: reader.ReadInt32(),
            Protocol: reader.ReadNullableString(),
            Leader: reader.ReadNullableString(),
            CurrentStateTimestamp: version >= 2 ? reader.ReadInt64() : -1,
            Members: Elements.Read(ref reader, 14, version, MemberMetadata.Read));
        reader.SkipTaggedFields();
        return value;
    }

    /// <summary>One member. The timeout of its rebalance is -1 where it is that of the session.</summary>
    public readonly record struct MemberMetadata(
        string MemberId, string? GroupInstanceId, string ClientId, string ClientHost, int RebalanceTimeout, int SessionTimeout, byte[] Subscription, byte[] Assignment)
    {
        internal static MemberMetadata Read(ref KafkaReader reader, short version)
        {
            var member = new MemberMetadata(
                MemberId: reader.ReadString(),
                GroupInstanceId: version >= 3 ? reader.ReadNullableString() : null,
                ClientId: reader.ReadString(),
                ClientHost: reader.ReadString(),
                RebalanceTimeout: version >= 1 ? reader.ReadInt32() : -1,
                SessionTimeout: reader.ReadInt32(),
                Subscription: reader.ReadBytes(),
                Assignment: reader.ReadBytes());
            reader.SkipTaggedFields();
            return member;
        }
    }
}
