using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Tests.Wire;
using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>A broker that does not know the version we ask in answers in the layout of version 0.</summary>
public sealed class ApiVersionsFallbackTests
{
    [Fact]
    public void A_broker_that_names_its_range_is_understood()
    {
        var response = ReadAnswer("0023 00000001 0012 0000 0003", version: 4);

        Assert.Equal(ErrorCode.UnsupportedVersion, response.ErrorCode);
        Assert.Equal(new ApiVersionsResponse.ApiVersion(ApiKey.ApiVersions, 0, 3), Assert.Single(response.ApiKeys));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_broker_that_names_no_range_is_understood(short version)
    {
        var response = ReadAnswer("0023 00000000", version);

        Assert.Equal(ErrorCode.UnsupportedVersion, response.ErrorCode);
        Assert.Empty(response.ApiKeys);
    }

    [Fact]
    public void Any_other_answer_is_read_in_the_version_that_was_asked()
    {
        var response = ReadAnswer("0000 02 0003 0000 000D 00 00000005 00", version: 4);

        Assert.Equal(ErrorCode.None, response.ErrorCode);
        Assert.Equal(new ApiVersionsResponse.ApiVersion(ApiKey.Metadata, 0, 13), Assert.Single(response.ApiKeys));
        Assert.Equal(5, response.ThrottleTimeMs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0023")]
    [InlineData("0023 00000001 0012")]
    [InlineData("0023 00000000 00")]
    public void A_broken_answer_is_refused(string hex) =>
        Assert.Throws<WireFormatException>(() => ReadAnswer(hex, version: 4));

    private static ApiVersionsResponse ReadAnswer(string hex, short version)
    {
        var reader = new KafkaReader(Hex.Bytes(hex));
        return new ApiVersionsRequest("kcp", "0.1.0").ReadResponse(ref reader, version);
    }
}
