using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>Answers about 100,000 partitions: what their decoding allocates, against their size on the wire.</summary>
public sealed class LargeAnswerTests(ITestOutputHelper output)
{
    private const int Topics = 1000;
    private const int PartitionsPerTopic = 100;

    [Fact]
    public void Metadata_allocates_a_small_multiple_of_its_size()
    {
        var answer = new MetadataResponse(
            0,
            [new(1, "broker-1.example", 9092, "rack-1")],
            "cluster",
            1,
            EachTopic(name => new MetadataResponse.Topic(ErrorCode.None, name, Guid.Empty, IsInternal: false, EachPartition(Partition), AuthorizedOperations.Unknown)),
            AuthorizedOperations.Unknown,
            ErrorCode.None);

        AssertLean(answer, version: 13, bytesPerFrameByte: 2.5);

        static MetadataResponse.Partition Partition(int index) =>
            new(ErrorCode.None, index, 1, 7, new[] { index, index + 1, index + 2 }, new[] { index, index + 1, index + 2 }, default);
    }

    [Fact]
    public void Log_dirs_allocate_a_small_multiple_of_their_size() =>
        AssertLean(
            new DescribeLogDirsResponse(0, ErrorCode.None, [new(ErrorCode.None, "/data", EachTopic(name => new DescribeLogDirsResponse.Topic(name, EachPartition(index => new DescribeLogDirsResponse.Partition(index, 1, 0, IsFutureKey: false)))), 1, 1, null)]),
            version: 5,
            bytesPerFrameByte: 1.5);

    [Fact]
    public void Offsets_allocate_a_small_multiple_of_their_size() =>
        AssertLean(
            new ListOffsetsResponse(0, EachTopic(name => new ListOffsetsResponse.Topic(name, EachPartition(index => new ListOffsetsResponse.Partition(index, ErrorCode.None, -1, 1, 1))))),
            version: 11,
            bytesPerFrameByte: 1.5);

    [Fact]
    public void Committed_offsets_allocate_a_small_multiple_of_their_size() =>
        AssertLean(
            new OffsetFetchResponse(0, [new("group", EachTopic(name => new OffsetFetchResponse.Topic(name, Guid.Empty, EachPartition(index => new OffsetFetchResponse.Partition(index, 1, 1, "", ErrorCode.None)))), ErrorCode.None)]),
            version: 9,
            bytesPerFrameByte: 2.5);

    private static T[] EachTopic<T>(Func<string, T> topic) => [.. Enumerable.Range(0, Topics).Select(i => topic($"topic-{i:D5}"))];

    private static T[] EachPartition<T>(Func<int, T> partition) => [.. Enumerable.Range(0, PartitionsPerTopic).Select(partition)];

    private void AssertLean<T>(T answer, short version, double bytesPerFrameByte)
        where T : IWireMessage<T>
    {
        using var writer = new KafkaWriter();
        answer.Write(writer, version);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var reader = new KafkaReader(writer.WrittenSpan);
        T.Read(ref reader, version);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{writer.WrittenCount:N0} bytes on the wire, {allocated:N0} allocated ({(double)allocated / writer.WrittenCount:F2} times)");
        Assert.True(allocated <= writer.WrittenCount * bytesPerFrameByte, $"{allocated:N0} bytes for a frame of {writer.WrittenCount:N0}");
    }
}
