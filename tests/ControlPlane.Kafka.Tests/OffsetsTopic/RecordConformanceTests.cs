using System.Buffers.Binary;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Tests.Protocol;
using Xunit;

namespace ControlPlane.Kafka.Tests.OffsetsTopic;

/// <summary>Random records of every type and version that Kafka's own definitions know, read by our decoders.</summary>
public sealed class RecordConformanceTests
{
    private const string Newest = "4.3.1";
    private const int RecordsPerVersion = 300;

    /// <summary>Types that the newest release no longer or not yet has; only their keys, or values like another's, are read.</summary>
    private static readonly OffsetsRecordType[] NotInNewest =
    [
        OffsetsRecordType.ShareGroupPartitionMetadata, OffsetsRecordType.StreamsGroupPartitionMetadata, OffsetsRecordType.StreamsGroupTargetAssignmentResolvedTopicIds,
    ];

    public static TheoryData<OffsetsRecordType> Types() => [.. Enum.GetValues<OffsetsRecordType>().Except(NotInNewest)];

    [Fact]
    public void The_types_have_the_numbers_and_names_of_the_newest_Kafka()
    {
        var theirs = MessageDefinitions.OfCoordinator(Newest).All.Where(one => one.Name.EndsWith("Key", StringComparison.Ordinal))
            .ToDictionary(one => (OffsetsRecordType)one.ApiKey, one => one.Name[..^"Key".Length]);

        Assert.Equal(theirs.Keys.Order(), Enum.GetValues<OffsetsRecordType>().Except(NotInNewest).Order());
        Assert.All(theirs, pair => Assert.Equal(pair.Value, pair.Key.ToString()));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Records_are_read_value_by_value_also_among_unknown_tags(OffsetsRecordType type)
    {
        var definitions = MessageDefinitions.OfCoordinator(Newest);
        var (key, value) = (definitions.Find($"{type}Key")!, definitions.Find($"{type}Value")!);
        for (var version = value.Valid.Min; version <= value.Valid.Max; version++)
        {
            var random = new Random(((int)type * 100) + version);
            for (var i = 0; i < RecordsPerVersion; i++)
            {
                var keyValues = GenericValue.Random(key.Fields, 0, random);
                if (keyValues.ContainsKey("Partition"))
                {
                    keyValues["Partition"] = random.Next();
                }

                var values = GenericValue.Random(value.Fields, version, random);
                var unknown = value.Flexible.Contains(version) && i % 2 == 0 ? new UnknownTags(random) : null;
                Judge(type, version, Bytes((short)type, key, 0, keyValues, null), keyValues, Bytes((short)version, value, version, values, unknown), values, value);
            }
        }
    }

    [Theory] // a legacy commit is read in all versions of its successor
    [MemberData(nameof(Types))]
    public void A_version_above_the_newest_is_counted_and_passed_over(OffsetsRecordType type)
    {
        var definitions = MessageDefinitions.OfCoordinator(Newest);
        var key = definitions.Find($"{type}Key")!;
        var newest = definitions.Find(type == OffsetsRecordType.LegacyOffsetCommit ? "OffsetCommitValue" : $"{type}Value")!.Valid.Max;

        var taken = TakenRecords.Decode(Bytes((short)type, key, 0, Named(key), null), [0, (byte)(newest + 1), 1, 2, 3], out var counters);

        Assert.Empty(taken.Commits);
        Assert.Empty(taken.Groups);
        Assert.Equal((1, 1), (counters.Of(type, DecodeOutcome.UnknownVersion), counters.Skipped));
    }

    private static Dictionary<string, object?> Named(MessageDefinition key) =>
        key.Fields.ToDictionary(field => field.Name, field => (object?)(field.Type == "string" ? "name" : 3), StringComparer.Ordinal);

    private static void Judge(
        OffsetsRecordType type, int version, byte[] keyBytes, Dictionary<string, object?> key, byte[] valueBytes, Dictionary<string, object?> values, MessageDefinition definition)
    {
        var taken = TakenRecords.Decode(keyBytes, valueBytes, out var counters);
        var context = $"{type} v{version} {Convert.ToHexString(keyBytes)} {Convert.ToHexString(valueBytes)}";
        Assert.True(counters.Of(type, DecodeOutcome.Decoded) == 1 && counters.Skipped == 0, context);
        if (type is OffsetsRecordType.OffsetCommit or OffsetsRecordType.LegacyOffsetCommit)
        {
            var commit = Assert.Single(taken.Commits);
            AssertSame(key, new() { ["Group"] = commit.Group, ["Topic"] = commit.Topic, ["Partition"] = commit.Partition }, context);
            AssertSame(values, RecordValues.Of(commit, definition.Fields, version), context);
            Assert.Empty(RecordValues.Invented(commit, definition.Fields, version));
            return;
        }

        var record = Assert.Single(taken.Groups);
        Assert.Equal(key.Values.ToArray(), new object?[] { record.Group, record.Member }.Take(key.Count).ToArray());
        AssertSame(values, RecordValues.Of(record.Value!, definition.Fields, version), context);
        Assert.Empty(RecordValues.Invented(record.Value!, definition.Fields, version));
    }

    private static void AssertSame(Dictionary<string, object?> expected, Dictionary<string, object?> actual, string context)
    {
        if (!GenericValue.Same(expected, actual))
        {
            Assert.Fail($"{context}\nexpected {GenericValue.Text(expected)}\nactual   {GenericValue.Text(actual)}");
        }
    }

    private static byte[] Bytes(short prefix, MessageDefinition definition, int version, Dictionary<string, object?> values, UnknownTags? unknown)
    {
        var two = new byte[2];
        BinaryPrimitives.WriteInt16BigEndian(two, prefix);
        return [.. two, .. new GenericEncoder(definition, version, unknown).Encode(values)];
    }
}
