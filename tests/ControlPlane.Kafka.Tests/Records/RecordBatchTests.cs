using System.Text;
using ControlPlane.Kafka.Records;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Records;

/// <summary>Batches as brokers store them, whole and broken.</summary>
public sealed class RecordBatchTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Records_come_with_their_offsets_times_and_nulls(bool gzip)
    {
        var batch = new BatchBuilder(100, baseTimestamp: 5_000) { IsGzipped = gzip }
            .Add(Bytes("a"), Bytes("1")).Add(Bytes("b"), null, offsetDelta: 7).Add(null, Bytes("3"), offsetDelta: 70_000).Build();

        var read = Read(batch);

        Assert.Equal(["100 5000 a=1", "107 5001 b=null", "70100 5002 null=3"], read.Records);
        Assert.Equal([BatchOutcome.Read], read.Outcomes);
        Assert.Equal(70_100, read.LastOffset);
    }

    [Fact]
    public void Records_before_the_wanted_offset_are_left_out() =>
        Assert.Equal(["101 1700000000001 b=2"], Read(new BatchBuilder(100).Add(Bytes("a"), Bytes("1")).Add(Bytes("b"), Bytes("2")).Build(), fromOffset: 101).Records);

    [Fact]
    public void A_batch_that_compaction_emptied_still_moves_on()
    {
        var batch = new BatchBuilder(100).Add(Bytes("a"), Bytes("1"), offsetDelta: 9).Build();
        batch.AsSpan(57, 4).Clear(); // no records left
        BatchBuilder.Seal(batch = batch[..61]);
        batch[11] = 49; // its length: the header alone

        var read = Read(batch);

        Assert.Empty(read.Records);
        Assert.Equal([BatchOutcome.Read], read.Outcomes);
        Assert.Equal(109, read.LastOffset);
    }

    [Fact]
    public void Markers_end_transactions_and_are_no_records()
    {
        byte[] log = [.. new BatchBuilder(1) { ProducerId = 9, IsTransactional = true }.Add(Bytes("a"), Bytes("1")).Build(), .. BatchBuilder.Marker(2, 9, isCommit: true), .. BatchBuilder.Marker(3, 8, isCommit: false)];

        var read = Read(log);

        Assert.Equal(["1 1700000000000 a=1"], read.Records);
        Assert.Equal([(9L, true, 2L), (8L, false, 3L)], read.Ends);
    }

    [Fact]
    public void A_batch_cut_off_at_the_end_waits_for_the_next_fetch()
    {
        var first = new BatchBuilder(1).Add(Bytes("a"), Bytes("1")).Build();
        var second = new BatchBuilder(2).Add(Bytes("b"), Bytes("2")).Build();
        for (var length = 1; length < second.Length; length++)
        {
            var read = Read([.. first, .. second[..length]]);

            Assert.Single(read.Records);
            Assert.Equal([BatchOutcome.Read], read.Outcomes);
            Assert.True(read.WasCutOff);
            Assert.Equal(1, read.LastOffset);
        }
    }

    [Fact]
    public void A_wrong_checksum_loses_one_batch_and_not_the_next()
    {
        var broken = new BatchBuilder(1).Add(Bytes("a"), Bytes("1")).Build();
        broken[^2] ^= 1;

        var read = Read([.. broken, .. new BatchBuilder(5).Add(Bytes("b"), Bytes("2")).Build()]);

        Assert.Equal(["5 1700000000000 b=2"], read.Records);
        Assert.Equal([BatchOutcome.WrongChecksum, BatchOutcome.Read], read.Outcomes);
    }

    [Theory]
    [InlineData(16, 3, BatchOutcome.UnknownFormat)]
    [InlineData(22, 5, BatchOutcome.UnknownCompression)]
    [InlineData(22, 4, BatchOutcome.Malformed)] // said to be Zstandard and is not
    [InlineData(22, 3, BatchOutcome.Malformed)]
    [InlineData(22, 2, BatchOutcome.Malformed)]
    [InlineData(22, 1, BatchOutcome.Malformed)]
    [InlineData(60, 9, BatchOutcome.Malformed)] // announces more records than there are
    [InlineData(57, 0xFF, BatchOutcome.Malformed)] // fewer than none
    public void A_header_that_lies_is_told_apart(int at, byte value, BatchOutcome expected)
    {
        var batch = new BatchBuilder(1).Add(Bytes("a"), Bytes("1")).Build();
        batch[at] = value;
        BatchBuilder.Seal(batch);

        Assert.Equal([expected], Read(batch).Outcomes);
    }

    [Fact]
    public void A_batch_that_unpacks_beyond_the_limit_is_refused()
    {
        var bomb = new BatchBuilder(1) { IsGzipped = true }.Add(Bytes("a"), new byte[200_000]).Build();

        Assert.Equal([BatchOutcome.TooLarge], Read(bomb, limits: new RecordLimits(100_000)).Outcomes);
        Assert.Equal([BatchOutcome.Read], Read(bomb, limits: new RecordLimits(300_000)).Outcomes);
    }

    [Theory] // the first two are what lz4 makes of it, with and without checksums
    [InlineData("04224d18604082 10000000 6f6b61666b61200600005061666b6121 00000000", false)]
    [InlineData("04224d187440bd 10000000 6f6b61666b61200600005061666b6121 6d16c0fb 00000000 d9a4faab", false)]
    [InlineData("1E 14 6B61666B6120 5A 0600 00 21", true)]
    [InlineData("82534E4150505900 00000001 00000001 0000000D 1E 14 6B61666B6120 5A 0600 00 21", true)]
    public void Packed_text_is_unpacked_and_refused_in_every_part_of_it(string hex, bool snappy)
    {
        const string Text = "kafka kafka kafka kafka kafka!";
        var packed = Wire.Hex.Bytes(hex);
        using var unpacked = new UnpackBuffer(1000, 16);

        Assert.True(TryUnpack(packed, unpacked));
        Assert.Equal(Text, Encoding.UTF8.GetString(unpacked.Bytes));
        for (var length = 0; length < packed.Length; length++)
        {
            using var part = new UnpackBuffer(1000, 16);
            Assert.False(TryUnpack(packed[..length], part) && part.Length != 0 && part.Length != Text.Length);
        }

        using var small = new UnpackBuffer(Text.Length - 1, 16);
        Assert.False(TryUnpack(packed, small));
        Assert.True(small.IsOverfull);

        bool TryUnpack(byte[] bytes, UnpackBuffer into) => snappy ? Snappy.TryUnpack(bytes, into) : Lz4.TryUnpack(bytes, into);
    }

    [Fact]
    public void A_message_of_the_format_before_batches_is_read()
    {
        // Magic 1: checksum, magic, attributes, timestamp 5, key "k", value null.
        var body = Wire.Hex.Bytes("01 00 0000000000000005 00000001 6B FFFFFFFF");
        var crc = Crc32.Of(body);
        byte[] message = [.. Wire.Hex.Bytes("0000000000000007 00000017"), (byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc, .. body];

        Assert.Equal(0xCBF43926, Crc32.Of(Bytes("123456789"))); // the check value that everybody publishes
        Assert.Equal(["7 5 k=null"], Read(message).Records);
        message[^1] = 0;
        Assert.Equal([BatchOutcome.WrongChecksum], Read(message).Outcomes);
    }

    [Fact]
    public void The_checksum_is_Castagnolis() => Assert.Equal(0xE3069283, Crc32C.Of(Bytes("123456789"))); // the check value that everybody publishes

    [Fact]
    public void Two_hundred_thousand_mutated_logs_do_no_harm()
    {
        var random = new Random(20_261_121);
        byte[][] seeds =
        [
            new BatchBuilder(1).Add(Bytes("a"), Bytes("1")).Add(Bytes("b"), null).Build(),
            new BatchBuilder(1) { IsGzipped = true }.Add(Bytes("a"), new byte[300]).Build(),
            BatchBuilder.Marker(5, 7, isCommit: true),
        ];
        var outcomes = new HashSet<BatchOutcome>();
        for (var i = 0; i < 200_000; i++)
        {
            var seed = seeds[i % seeds.Length];
            var log = Protocol.FrameMutation.Apply(seed, seeds[random.Next(seeds.Length)], random);
            if (log.Length > 61 && random.Next(4) != 0)
            {
                BatchBuilder.Seal(log); // so that what lies behind the checksum is reached
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            outcomes.UnionWith(Read(log, limits: new RecordLimits(i % 7 == 0 ? 280 : 10_000)).Outcomes);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600_000);
        }

        Assert.Equal(Enum.GetValues<BatchOutcome>().Order(), outcomes.Order());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static Taken Read(byte[] log, long fromOffset = 0, RecordLimits? limits = null)
    {
        var taken = new Taken();
        var reader = new RecordBatchReader(log, limits ?? RecordLimits.Default);
        while (reader.Next(fromOffset, ref taken, out var outcome))
        {
            taken.Outcomes.Add(outcome);
            taken.LastOffset = reader.Current.LastOffset;
        }

        taken.WasCutOff = reader.WasCutOff;
        return taken;
    }

    private sealed class Taken : IRecordVisitor
    {
        public List<string> Records { get; } = [];

        public List<(long ProducerId, bool IsCommit, long Offset)> Ends { get; } = [];

        public List<BatchOutcome> Outcomes { get; } = [];

        public long LastOffset { get; set; }

        public bool WasCutOff { get; set; }

        public void Take(in RecordBatch batch, scoped in KafkaRecord record) => Records.Add(
            $"{record.Offset} {record.Timestamp} {(record.HasNoKey ? "null" : Encoding.UTF8.GetString(record.Key))}={(record.IsTombstone ? "null" : Encoding.UTF8.GetString(record.Value))}");

        public void EndTransaction(long producerId, bool isCommit, long offset) => Ends.Add((producerId, isCommit, offset));
    }
}
