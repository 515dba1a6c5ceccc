using System.Globalization;
using System.Text;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Records.Zstandard;
using Xunit;

namespace ControlPlane.Kafka.Tests.Records;

/// <summary>What zstd 1.5.4 made of known texts is unpacked; what is broken is refused, within limits.</summary>
public sealed class ZstandardTests
{
    [Theory]
    [MemberData(nameof(Frames))]
    public void A_frame_is_unpacked_and_refused_in_every_part_of_it(string what, string base64, string expected)
    {
        var packed = Convert.FromBase64String(base64);
        using var unpacked = new UnpackBuffer(1_000_000, 16);

        Assert.True(ZstdFrame.TryUnpack(packed, unpacked), what);
        Assert.Equal(expected, Encoding.UTF8.GetString(unpacked.Bytes));
        for (var length = 0; length < packed.Length; length++)
        {
            using var part = new UnpackBuffer(1_000_000, 16);
            Assert.False(ZstdFrame.TryUnpack(packed.AsSpan(0, length), part), $"{what}, {length} bytes");
        }
    }

    [Fact]
    public void Frames_that_follow_each_other_and_frames_to_skip_are_read()
    {
        var text = Convert.FromBase64String(Kafka);
        using var unpacked = new UnpackBuffer(1_000, 16);

        Assert.True(ZstdFrame.TryUnpack([.. text, 0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9, .. text], unpacked));
        Assert.Equal(2 * KafkaText.Length, unpacked.Length);
    }

    [Fact]
    public void Beyond_the_limit_it_is_overfull()
    {
        using var unpacked = new UnpackBuffer(100_000, 16);

        Assert.False(ZstdFrame.TryUnpack(Convert.FromBase64String(Zeros), unpacked));
        Assert.True(unpacked.IsOverfull);
    }

    [Fact]
    public void A_hundred_thousand_mutated_frames_do_no_harm()
    {
        var random = new Random(20_261_121);
        var seeds = Frames.Select(row => Convert.FromBase64String(row.Data.Item2)).ToArray();
        for (var i = 0; i < 100_000; i++)
        {
            using var unpacked = new UnpackBuffer(50_000, 16);
            ZstdFrame.TryUnpack(Protocol.FrameMutation.Apply(seeds[i % seeds.Length], seeds[random.Next(seeds.Length)], random), unpacked);
            Assert.InRange(unpacked.Length, 0, 50_000);
        }
    }

    public static TheoryData<string, string, string> Frames => new()
    {
        { "one block, a repeat", Kafka, KafkaText },
        { "empty", "KLUv/SQAAQAAmenYUQ==", "" },
        { "a run of 300,000 zeros", Zeros, new string('\0', 300_000) },
        { "Huffman literals and sequences, level 1", "KLUv/WSbBl0HAJJOIxmAKWkDWvHAMbQhzAADk907k0ypZAgyC9YDiTH2Zi3slLQj5Z3QWa/M6Haaq2aqUiSSkt3rJ/5m2yMuDTlDudJeVksy8iZNckrYEfJOSvZemRF/01w14o4UieRK1qufjD/N9pS4UpwZobN7taXbzSY5rtYQICFFYRwMGBgMiFEEDBE4jKIwCBAQBYeREHaoERBS7/8G0BvVARB+0MIHQC3b8/Obir/K+EuNX9W4Vw1/p5oyxtT0pf4qdS7JyUh/epQxo6YX9ZeoL7YpCxmvyVcvuDucchOjj9fx/K662HNG2W4Jqg/DJVWGmic3", Lines },
        { "the same, level 19", "KLUv/WSbBs0GAFIPJBiAKc0BWvHAlCJJjADZ7u0lW+aTsYgpsBMNwlvq5tze1GiKmV/yan6Ij+E0Xu5Ouju3lTK2fNpl9m0P1lR1mToLXaItO1q/vfCvfn66udCcmS1pTUTcsMa7mzqaK6VkS9PMDLexquqm5iaiKYlp17YYbljXT3U9GtCYI0EUgwSBYECOADKCAnIkyGFhQBQQRkWoEaCYyvc/A7AzSgcR/CAkCf/8FNki2S57LLvSqiBlo9QTMtmSlkSSf7+7ZyO9InNpUc67NJBecEXwhuiK40/I4azBslWGmic3", Lines },
        { "the same, streamed without its size", "KLUv/QRgzQYA8k0iGYApaQNa8cAxtCHMAAMruXLTTqlkCDIL1gOJOVtmT9ialEb6O9a5Z7/Qhy+zG6sYVb3FIxMZSe6xS3w1nSFdeSrZ0ifNpJAcE9YI76511PtPunkzE9uIVdW1ekREJ/G2bWKZGan7kbUtOt0mObbaECAhRWEcDBgYDIhRBAwROIyiMAgQEAWHkRBEqBGgHLP3PwOgM0oHEfwcBRL+8fzkUc5sm3bLtiOwFCsDlTzFgEJO9CZEiUBiTUW6P3CEJqIjpBzAe7CGBStSpWssDd3zIvjkMli/CoaaJzc=", Lines },
    };

    private const string KafkaText = "kafka kafka kafka kafka kafka!";
    private const string Kafka = "KLUv/SQebQAAOGthZmthICEBAKlLEUfOMaY=";
    private const string Zeros = "KLUv/aTgkwQAVAAAEAAAAQD7/znAAgIAEAADnwQALSjeJg==";

    private static string Lines { get; } = string.Join('\n', Enumerable.Range(0, 60).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"group\": \"g-{i % 9}\", \"offset\": {i * 37}}}")));
}
