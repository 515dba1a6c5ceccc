using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Wire;

public sealed class KafkaUuidTests
{
    [Theory] // texts as org.apache.kafka.common.Uuid of 4.3.1 prints them
    [InlineData("00112233-4455-6677-8899-aabbccddeeff", "ABEiM0RVZneImaq7zN3u_w")]
    [InlineData("00000000-0000-0000-0000-000000000000", "AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "_____________________w")]
    public void Text_is_what_Kafka_prints_and_is_read_back(string guid, string text)
    {
        Assert.Equal(text, KafkaUuid.Format(new Guid(guid)));
        Assert.True(KafkaUuid.TryParse(text, out var id));
        Assert.Equal(new Guid(guid), id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA+/")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA A")]
    [InlineData("00112233-4455-6677-8899-aabbccddeeff")]
    public void Anything_else_is_no_uuid(string text) => Assert.False(KafkaUuid.TryParse(text, out _));
}
