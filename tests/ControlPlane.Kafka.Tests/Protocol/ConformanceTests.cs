using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Random messages of every version we claim, judged by the message definitions of three Kafka releases.</summary>
public sealed class ConformanceTests
{
    private const string Newest = "4.3.1";

    /// <summary>Of the newest release; the older ones mostly repeat its definitions.</summary>
    private const int MessagesPerVersion = 300;
    private const int MessagesPerOlderVersion = 60;

    /// <summary>Present only from 3.7 and 3.8 on.</summary>
    private static readonly string[] Younger = ["ConsumerGroupDescribe", "DescribeTopicPartitions"];

    /// <summary>Stable only from 4.1 on.</summary>
    private static readonly string[] Youngest = ["ShareGroupDescribe", "DescribeShareGroupOffsets", "StreamsGroupDescribe", "AlterShareGroupOffsets", "DeleteShareGroupOffsets"];

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var kafka in (string[])[Newest, "3.9.2", "3.3.2"])
        {
            foreach (var message in KafkaMessage.All.Where(message => (kafka != "3.3.2" || !Younger.Contains(message.Api.Key.ToString())) && (kafka == Newest || !Youngest.Contains(message.Api.Key.ToString()))))
            {
                cases.Add(kafka, message.Name);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Random_messages_pass_both_ways_byte_by_byte_and_value_by_value(string kafka, string name)
    {
        var message = KafkaMessage.All.Single(message => message.Name == name);
        var definition = MessageDefinitions.Of(kafka).Find(name);
        Assert.NotNull(definition);

        var versions = message.Versions.Where(version => definition.Valid.Contains(version)).ToArray();
        Assert.NotEmpty(versions);
        foreach (var version in versions)
        {
            var random = new Random(HashCode(name, version));
            for (var i = 0; i < (kafka == Newest ? MessagesPerVersion : MessagesPerOlderVersion); i++)
            {
                Judge(message, definition, version, random);
            }
        }
    }

    private static void Judge(KafkaMessage message, MessageDefinition definition, short version, Random random)
    {
        var values = GenericValue.Random(definition.Fields, version, random);
        var bytes = new GenericEncoder(definition, version).Encode(values);

        var ours = message.Read(bytes, version);
        AssertSame(values, RecordValues.Of(ours, definition.Fields, version), "read");
        Assert.Empty(RecordValues.Invented(ours, definition.Fields, version));

        var written = message.Write(ours, version);
        if (!bytes.AsSpan().SequenceEqual(written))
        {
            Assert.Fail($"v{version}\nexpected {Convert.ToHexString(bytes)}\nwrote    {Convert.ToHexString(written)}");
        }

        AssertSame(values, new GenericDecoder(definition, version, written).Decode(), "written");

        if (definition.Flexible.Contains(version))
        {
            var ofNewerPeer = new GenericEncoder(definition, version, new UnknownTags(random)).Encode(values);
            AssertSame(values, RecordValues.Of(message.Read(ofNewerPeer, version), definition.Fields, version), "read among unknown tags");
        }
    }

    private static void AssertSame(Dictionary<string, object?> expected, Dictionary<string, object?> actual, string how)
    {
        if (!GenericValue.Same(expected, actual))
        {
            Assert.Fail($"{how}\nexpected {GenericValue.Text(expected)}\nactual   {GenericValue.Text(actual)}");
        }
    }

    /// <summary>The same in every process, unlike string.GetHashCode.</summary>
    private static int HashCode(string name, short version) => name.Aggregate(17 + version, (hash, letter) => unchecked((hash * 31) + letter));
}
