using ControlPlane.Kafka.Protocol;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>
/// The versions we claim. A connection agrees on min(ours, theirs) of the maxima and needs it to be no less than either
/// minimum; so both the oldest and the newest broker we promise must share a version with us.
/// </summary>
public sealed class VersionsTests
{
    private const string Newest = "4.3.1";
    private const string Oldest = "3.3.2";

    /// <summary>APIs that the oldest broker lacks altogether.</summary>
    private static readonly ApiKey[] Younger =
    [
        ApiKey.ConsumerGroupDescribe, ApiKey.DescribeTopicPartitions, ApiKey.ShareGroupDescribe, ApiKey.DescribeShareGroupOffsets,
        ApiKey.StreamsGroupDescribe, ApiKey.AlterShareGroupOffsets, ApiKey.DeleteShareGroupOffsets,
    ];

    public static TheoryData<ApiKey> Keys() => [.. KafkaApis.All.Select(api => api.Key)];

    [Fact]
    public void Every_key_is_spoken_once() =>
        Assert.Equal(Enum.GetValues<ApiKey>(), KafkaApis.All.Select(api => api.Key));

    [Theory]
    [MemberData(nameof(Keys))]
    public void Claims_reach_the_newest_stable_version_and_no_further(ApiKey key)
    {
        var api = Api(key);
        foreach (var definition in Definitions(Newest, key))
        {
            Assert.Equal((short)key, definition.ApiKey);
            Assert.Equal(definition.NewestStable, api.MaxVersion);
            Assert.True(definition.Valid.Contains(api.MinVersion), $"{key} v{api.MinVersion} is gone from Kafka {Newest}, which serves {definition.Valid}.");
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_lowest_version_claimed_is_served_by_the_oldest_broker(ApiKey key)
    {
        if (Younger.Contains(key))
        {
            Assert.Null(MessageDefinitions.Of(Oldest).Find($"{key}Request"));
            return;
        }

        foreach (var definition in Definitions(Oldest, key))
        {
            Assert.True(definition.Valid.Contains(Api(key).MinVersion), $"{key} v{Api(key).MinVersion} is not in Kafka {Oldest}, which serves {definition.Valid}.");
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Flexible_versions_are_those_of_the_definitions(ApiKey key)
    {
        foreach (var definition in Definitions(Newest, key))
        {
            for (var version = Api(key).MinVersion; version <= Api(key).MaxVersion; version++)
            {
                Assert.Equal(definition.Flexible.Contains(version), Api(key).IsFlexible(version));
            }
        }
    }

    /// <summary>Too large a minimum would refuse valid frames, too small a one would let a forged count allocate more.</summary>
    [Fact]
    public void The_smallest_size_of_every_element_is_what_the_definitions_say()
    {
        var definitions = MessageDefinitions.Of(Newest);
        var wrong = new List<string>();
        foreach (var message in KafkaMessage.All)
        {
            MinimumSize.Check(definitions.Find(message.Name)!, message, wrong);
        }

        Assert.Empty(wrong);
    }

    private static ApiDescriptor Api(ApiKey key) => KafkaApis.TryGet(key, out var api) ? api : throw new KeyNotFoundException($"{key}");

    private static MessageDefinition[] Definitions(string kafka, ApiKey key)
    {
        var definitions = MessageDefinitions.Of(kafka);
        return [definitions.Find($"{key}Request")!, definitions.Find($"{key}Response")!];
    }
}
