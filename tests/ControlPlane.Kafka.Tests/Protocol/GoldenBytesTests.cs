using System.Text;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Tests.Wire;
using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>The expected bytes were written by kafka-clients 4.3.1 itself, from the same values.</summary>
public sealed class GoldenBytesTests
{
    [Theory]
    [InlineData(ApiKey.SaslHandshake, 1, 7, "kcp", "0011 0001 00000007 0003 6B6370")]
    [InlineData(ApiKey.Metadata, 12, 0x01020304, "kcp", "0003 000C 01020304 0003 6B6370 00")]
    [InlineData(ApiKey.Metadata, 12, -1, null, "0003 000C FFFFFFFF FFFF 00")]
    public void Request_headers_keep_the_long_client_id_and_gain_tagged_fields(ApiKey key, short version, int correlationId, string? clientId, string hex)
    {
        var header = new RequestHeader(key, version, correlationId, clientId);
        Assert.True(KafkaApis.TryGet(key, out var api));

        Assert.Equal(Hex.Text(Hex.Bytes(hex)), Hex.Written(false, writer => header.Write(writer, api.IsFlexible(version))));

        var reader = new KafkaReader(Hex.Bytes(hex));
        Assert.Equal(header, RequestHeader.Read(ref reader));
        reader.ExpectEnd();
    }

    [Theory]
    [InlineData(ApiKey.SaslHandshake, 1, "00000007")]
    [InlineData(ApiKey.Metadata, 12, "00000007 00")]
    [InlineData(ApiKey.ApiVersions, 4, "00000007")] // never flexible, so that every client can read it
    public void Response_headers_follow_the_version_except_for_ApiVersions(ApiKey key, short version, string hex)
    {
        Assert.True(KafkaApis.TryGet(key, out var api));
        var flexible = api.HasFlexibleResponseHeader(version);

        Assert.Equal(Hex.Text(Hex.Bytes(hex)), Hex.Written(false, writer => new ResponseHeader(7).Write(writer, flexible)));

        var reader = new KafkaReader(Hex.Bytes(hex));
        Assert.Equal(7, ResponseHeader.Read(ref reader, flexible).CorrelationId);
        reader.ExpectEnd();
    }

    [Fact]
    public void A_header_with_unknown_tagged_fields_is_read_to_its_end()
    {
        var reader = new KafkaReader(Hex.Bytes("0003 000C 00000001 FFFF 02 00 01 AA 09 00"));

        Assert.Equal(1, RequestHeader.Read(ref reader).CorrelationId);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Sasl_handshake()
    {
        Assert.Equal("000D534352414D2D5348412D353132", MessageBytes.Write(new SaslHandshakeRequest("SCRAM-SHA-512"), 1));

        var refused = MessageBytes.Read<SaslHandshakeResponse>("0021000000020005504C41494E000D534352414D2D5348412D323536", 1);
        Assert.Equal(ErrorCode.UnsupportedSaslMechanism, refused.ErrorCode);
        Assert.Equal(["PLAIN", "SCRAM-SHA-256"], refused.Mechanisms);
    }

    [Theory]
    [InlineData(1, "0000000D00616C69636500736563726574", "003A00026E6F00000000000000000036EE80", "0000FFFF0000000201020000000000000000")]
    [InlineData(2, "0E00616C6963650073656372657400", "003A036E6F01000000000036EE8000", "000000030102000000000000000000")]
    public void Sasl_authenticate(short version, string request, string failure, string success)
    {
        Assert.Equal(request, MessageBytes.Write(new SaslAuthenticateRequest(Encoding.UTF8.GetBytes("\0alice\0secret")), version));

        var failed = MessageBytes.Read<SaslAuthenticateResponse>(failure, version);
        Assert.Equal((ErrorCode.SaslAuthenticationFailed, "no", 3_600_000), (failed.ErrorCode, failed.ErrorMessage, failed.SessionLifetimeMs));
        Assert.Empty(failed.AuthBytes);

        var succeeded = MessageBytes.Read<SaslAuthenticateResponse>(success, version);
        Assert.Equal((ErrorCode.None, null, 0), (succeeded.ErrorCode, succeeded.ErrorMessage, succeeded.SessionLifetimeMs));
        Assert.Equal([1, 2], succeeded.AuthBytes);
    }

    [Fact]
    public void Tokens_and_config_values_never_show_in_text()
    {
        var change = new IncrementalAlterConfigsRequest.Change("ssl.key.password", ConfigOperation.Set, "secret");

        Assert.Equal("Set ssl.key.password", change.ToString());
        Assert.DoesNotContain("secret", new SaslAuthenticateRequest(Encoding.UTF8.GetBytes("secret")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Api_versions_with_every_tagged_field()
    {
        const string Golden = "00000200030000000D0000000005040014020E6B726166742E76657273696F6E00000001000108000000000000002A021702116D657461646174612E76657273696F6E001D001C00030101";
        var response = MessageBytes.Read<ApiVersionsResponse>(Golden, 4);

        Assert.Equal(new ApiVersionsResponse.ApiVersion(ApiKey.Metadata, 0, 13), Assert.Single(response.ApiKeys));
        Assert.Equal(5, response.ThrottleTimeMs);
        Assert.Equal(new ApiVersionsResponse.SupportedFeature("kraft.version", 0, 1), Assert.Single(response.SupportedFeatures!));
        Assert.Equal(42, response.FinalizedFeaturesEpoch);
        Assert.Equal(new ApiVersionsResponse.FinalizedFeature("metadata.version", 29, 28), Assert.Single(response.FinalizedFeatures!));
        Assert.True(response.ZkMigrationReady);
        Assert.Equal(Golden, MessageBytes.Write(response, 4));
        Assert.Equal("046B637006302E312E3000", MessageBytes.Write(new ApiVersionsRequest("kcp", "0.1.0"), 4));
        Assert.Equal("", MessageBytes.Write(new ApiVersionsRequest("kcp", "0.1.0"), 0));
    }

    [Fact]
    public void Nullable_structs_begin_with_a_marker()
    {
        var first = new DescribeTopicPartitionsRequest([new("orders")]);

        Assert.Equal("02076F726465727300000007D0FF00", MessageBytes.Write(first, 0));
        Assert.Equal(
            "02076F726465727300000007D001076F7264657273000000090000",
            MessageBytes.Write(first with { Cursor = new TopicPartitionCursor("orders", 9) }, 0));
    }

    [Fact]
    public void Describe_topic_partitions_tells_a_null_list_from_an_empty_one()
    {
        const string Golden = "00000000020000026F00112233445566778899AABBCCDDEEFF0002000000000000000000010000000203000000010000000202000000010200000002000100800000000001026F000000010000";
        var response = MessageBytes.Read<DescribeTopicPartitionsResponse>(Golden, 0);

        var topic = Assert.Single(response.Topics);
        Assert.Equal("ABEiM0RVZneImaq7zN3u_w", KafkaUuid.Format(topic.TopicId));
        Assert.Equal(AuthorizedOperations.Unknown, topic.TopicAuthorizedOperations);
        var partition = Assert.Single(topic.Partitions);
        Assert.Equal([1, 2], partition.ReplicaNodes.ToArray());
        Assert.Equal([2], partition.EligibleLeaderReplicas!.Value.ToArray());
        Assert.Null(partition.LastKnownElr);
        Assert.Equal(0, partition.OfflineReplicas.Length);
        Assert.Equal(new TopicPartitionCursor("o", 1), response.NextCursor);
        Assert.Equal(Golden, MessageBytes.Write(response, 0));
    }

    [Fact]
    public void Ports_of_controllers_are_unsigned()
    {
        const string Golden = "00000102026D02000000000000010000000100000003000000000000000A020000000100000000000000000000000000000000000000000000000BFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0001000002000000010202430268FFFF000000";
        var response = MessageBytes.Read<DescribeQuorumResponse>(Golden, 2);

        Assert.Equal(ushort.MaxValue, response.Nodes![0].Listeners[0].Port);
        Assert.Equal(-1, response.Topics[0].Partitions[0].CurrentVoters[0].LastFetchTimestamp);
        Assert.Equal("", response.ErrorMessage);
        Assert.Equal(Golden, MessageBytes.Write(response, 2));
    }

    [Fact]
    public void Quotas_of_the_oldest_version_are_not_flexible() =>
        Assert.Equal(
            "0000000100000001000475736572FFFF00000001001270726F64756365725F627974655F7261746541300000800000000000",
            MessageBytes.Write(
                new AlterClientQuotasRequest([new([new("user", null)], [new("producer_byte_rate", 1048576.5, Remove: false)])]), 0));
}
