using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Tests.Protocol;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

/// <summary>Brokers never tell their release: it is read off the versions that they serve.</summary>
public sealed class KafkaReleasesTests
{
    /// <summary>What each release serves by its own message definitions, with the metadata.version range of its brokers in KRaft mode.</summary>
    [Theory]
    [InlineData("3.3.2", 1, 7, "3.3")]
    [InlineData("3.9.2", 1, 21, "3.9")]
    [InlineData("4.3.1", 7, 30, "4.3")]
    public void The_table_of_a_release_names_it(string version, short min, short max, string expected) =>
        Assert.Equal(expected, Table(version, new ApiVersionsResponse.SupportedFeature("metadata.version", min, max)).Release);

    /// <summary>With ZooKeeper there is no metadata.version, and the versions of the APIs alone have to do.</summary>
    [Theory]
    [InlineData("3.3.2", "3.3")]
    [InlineData("3.9.2", "3.9")]
    public void Without_metadata_version_the_APIs_tell(string version, string expected) => Assert.Equal(expected, Table(version).Release);

    [Theory]
    [InlineData(31, "4.3+")]
    [InlineData(29, "4.2")]
    [InlineData(25, "4.0")]
    [InlineData(14, "3.6")]
    [InlineData(4, null)]
    public void Levels_between_those_of_releases_belong_to_the_older_one(short max, string? expected) =>
        Assert.Equal(expected, Table("4.3.1", new ApiVersionsResponse.SupportedFeature("metadata.version", 1, max)).Release);

    [Fact]
    public void In_the_middle_of_an_upgrade_both_ends_are_named()
    {
        var brokers = new Dictionary<int, ApiVersionTable>
        {
            [1] = Table("4.3.1", new ApiVersionsResponse.SupportedFeature("metadata.version", 7, 30)),
            [2] = Table("3.9.2", new ApiVersionsResponse.SupportedFeature("metadata.version", 1, 21)),
            [3] = new(new ApiVersionsResponse(ErrorCode.None, [])), // fits nothing, and hides nothing
        };

        Assert.Equal("3.9 to 4.3", new KafkaCapabilities(new BrokerResults<ApiVersionTable>(brokers, new Dictionary<int, KafkaClientException>())).Release);
        Assert.Null(brokers[3].Release);
    }

    private static ApiVersionTable Table(string version, params ApiVersionsResponse.SupportedFeature[] features)
    {
        var definitions = MessageDefinitions.Of(version);
        return new ApiVersionTable(new ApiVersionsResponse(
            ErrorCode.None,
            [.. from key in Enum.GetValues<ApiKey>()
                let request = definitions.Find($"{key}Request")
                where request is not null && !request.Valid.IsNone
                select new ApiVersionsResponse.ApiVersion(key, (short)request.Valid.Min, (short)request.NewestStable)],
            SupportedFeatures: features));
    }
}
