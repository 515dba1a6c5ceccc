using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tests.Protocol;
using ControlPlane.Kafka.Tests.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.OffsetsTopic;

/// <summary>What anybody with the right to write can put into the offsets topic.</summary>
public sealed class RecordFuzzTests(ITestOutputHelper output)
{
    private const int Records = 1_000_000;
    private const int Seed = 20_261_121;

    /// <summary>As for the frames of the wire: text of one letter takes two bytes there and 32 in memory; the constant is an exception with its text.</summary>
    private const int BytesPerRecordByte = 32;
    private const int ConstantBytes = 8 * 1024;

    private static readonly (byte[] Key, byte[] Value)[] Seeds =
    [
        (Hex.Bytes("0001 0001 67 0006 6F7264657273 00000003"), Hex.Bytes("0003 0000000000000021 00000005 0001 6D 0000000000000199")),
        (Hex.Bytes("0001 0001 67 0006 6F7264657273 00000003"), Hex.Bytes("0004 0000000000000021 FFFFFFFF 01 0000000000000199 01 00 10 00112233445566778899AABBCCDDEEFF")),
        (Hex.Bytes("0002 0001 67"), Hex.Bytes("0003 0008 636F6E73756D6572 00000001 0005 72616E6765 0001 6D 0000000000000199 00000001 0001 6D FFFF 0001 63 0001 68 00000001 00000001 00000006 000000000000 00000006 000000000000")),
        (Hex.Bytes("0005 0001 67 0001 6D"), Hex.Bytes("0000 00 00 02 63 02 68 02 02 74 01 00000001 00 01 00 0C 01 00000001 02 02 72 02 00 00 00")),
        (Hex.Bytes("0008 0001 67 0001 6D"), Hex.Bytes("0000 00000001 00000000 00 02 00112233445566778899AABBCCDDEEFF 02 00000001 01 00 05 02 00000007 01 00")),
        (Hex.Bytes("0017 0001 67"), Hex.Bytes("0000 00000000 02 02 30 02 02 74 01 01 01 01 01 00 00")),
    ];

    [Fact]
    public void A_million_mutated_records_are_counted_and_harm_nobody()
    {
        var random = new Random(Seed);
        var counters = new OffsetsRecordCounters();
        var taken = new Forgetful();
        var decoder = new OffsetsRecordDecoder<Forgetful>(taken, counters);
        for (var i = 0; i < Records; i++)
        {
            var seed = Seeds[i % Seeds.Length];
            var other = Seeds[random.Next(Seeds.Length)];
            var key = random.Next(3) == 0 ? FrameMutation.Apply(seed.Key, other.Key, random) : seed.Key;
            var value = random.Next(10) == 0 ? null : FrameMutation.Apply(seed.Value, other.Value, random);
            var before = GC.GetAllocatedBytesForCurrentThread();

            decoder.Take(new RecordBatch { ProducerId = -1 }, new KafkaRecord { Offset = i, Timestamp = 0, Key = key, Value = value, IsTombstone = value is null });

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            var size = key.Length + (value?.Length ?? 0);
            if (allocated > ((long)size * BytesPerRecordByte) + ConstantBytes)
            {
                Assert.Fail($"{allocated} bytes for a record of {size}: {Convert.ToHexString(key)} {Convert.ToHexString(value ?? [])}");
            }
        }

        output.WriteLine($"{counters.Decoded:N0} decoded, {counters.Skipped:N0} passed over");
        Assert.Equal(Records, counters.Decoded + counters.Skipped);
        Assert.Equal(taken.Count, counters.Decoded);
        Assert.True(counters.Skipped > Records / 4, "the mutations are too mild to prove anything");
    }

    [Fact]
    public void The_seeds_themselves_are_read()
    {
        foreach (var (key, value) in Seeds)
        {
            TakenRecords.Decode(key, value, out var counters);
            Assert.True(counters.Decoded == 1, Convert.ToHexString(value));
        }
    }

    private sealed class Forgetful : IOffsetsRecordVisitor
    {
        public long Count { get; private set; }

        public void Commit(scoped in OffsetCommit commit, in RecordPlace place) => Count++;

        public void Group(in GroupRecord record, in RecordPlace place) => Count++;

        public void EndTransaction(long producerId, bool isCommit, long offset) => Assert.Fail("a record is no marker");
    }
}
