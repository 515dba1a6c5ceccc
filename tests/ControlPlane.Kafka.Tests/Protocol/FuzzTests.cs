using System.Diagnostics;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>What a broken or hostile peer can send: every decoder refuses it with one exception and within a small multiple of the frame.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Frames = 100_000;
    private const int Seed = 20_251_121;

    /// <summary>
    /// Bytes that decoding a frame of n bytes may allocate: 32 n, the cost of text in .NET (a string of one letter takes two
    /// bytes on the wire and 32 in memory), plus a constant for the message object, the exception and its text.
    /// </summary>
    private const int BytesPerFrameByte = 32;
    private const int ConstantBytes = 8 * 1024;

    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(10); // of a machine that does much else

    [Fact]
    public void A_hundred_thousand_mutated_frames_do_no_harm()
    {
        var random = new Random(Seed);
        var seeds = Seeds(random, perVersion: 4);
        var (refused, worst) = (0, 0d);
        for (var i = 0; i < Frames; i++)
        {
            var seed = seeds[i % seeds.Count];
            var frame = FrameMutation.Apply(seed.Bytes, seeds[random.Next(seeds.Count)].Bytes, random);

            var outcome = Decode(seed, frame);

            refused += outcome.Refused ? 1 : 0;
            worst = Math.Max(worst, (outcome.Allocated - ConstantBytes) / Math.Max(1d, frame.Length));
            AssertHarmless(seed, frame, outcome);
        }

        output.WriteLine($"{refused:N0} of {Frames:N0} refused; beyond {ConstantBytes} bytes at most {worst:F1} bytes allocated per byte of frame");
        Assert.True(refused > Frames / 2, $"only {refused} of {Frames} mutations were noticed: they are too mild to prove anything");
    }

    /// <summary>The dearest valid frames there are: very many elements, each as short as the protocol allows.</summary>
    [Theory]
    [InlineData(0x00)]
    [InlineData(0x01)]
    [InlineData(0x02)]
    [InlineData(0x03)]
    [InlineData(0xFF)]
    public void Uniform_frames_behind_any_beginning_do_no_harm(byte filler)
    {
        var random = new Random(Seed);
        var tail = new byte[16 * 1024];
        tail.AsSpan().Fill(filler);
        foreach (var seed in Seeds(random, perVersion: 1))
        {
            for (var cut = 0; cut <= Math.Min(seed.Bytes.Length, 48); cut++)
            {
                foreach (var count in (int[])[tail.Length, tail.Length / 3, tail.Length / 10, tail.Length / 20])
                {
                    byte[] frame = [.. seed.Bytes[..cut], (byte)(count | 0x80), (byte)((count >> 7) | 0x80), (byte)(count >> 14), .. tail];
                    AssertHarmless(seed, frame, Decode(seed, frame));
                }
            }
        }
    }

    private static void AssertHarmless(FuzzSeed seed, byte[] frame, Outcome outcome)
    {
        var allowed = Allowed(frame);
        if (outcome.Unexpected is not null || outcome.Allocated > allowed || outcome.Took > TooLong)
        {
            Assert.Fail(
                $"{seed.Message.Name} v{seed.Version}, frame of {frame.Length} bytes: {outcome.Allocated} bytes allocated (allowed {allowed}), "
                + $"{outcome.Took.TotalMilliseconds:F0} ms, {outcome.Unexpected?.ToString() ?? "no wrong exception"}\n{Convert.ToHexString(frame.AsSpan(0, Math.Min(frame.Length, 400)))}");
        }
    }

    /// <summary>
    /// A collection in the middle of it counts what the runtime had put aside for the thread, 16 or 32 KiB: so what looks too dear is looked at
    /// again. What a frame really costs, it costs every time.
    /// </summary>
    private static Outcome Decode(FuzzSeed seed, byte[] frame)
    {
        var outcome = DecodeOnce(seed, frame);
        for (var again = 0; again < 3 && outcome.Allocated > Allowed(frame); again++)
        {
            outcome = DecodeOnce(seed, frame);
        }

        return outcome;
    }

    private static long Allowed(byte[] frame) => ((long)frame.Length * BytesPerFrameByte) + ConstantBytes;

    private static Outcome DecodeOnce(FuzzSeed seed, byte[] frame)
    {
        var (refused, unexpected) = (false, (Exception?)null);
        var started = Stopwatch.GetTimestamp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var reader = new KafkaReader(frame);
            if (seed.Message.IsRequest)
            {
                RequestHeader.Read(ref reader);
            }
            else
            {
                ResponseHeader.Read(ref reader, seed.Message.Api.HasFlexibleResponseHeader(seed.Version));
            }

            seed.Message.Read(ref reader, seed.Version);
        }
        catch (WireFormatException)
        {
            refused = true;
        }
        catch (Exception ex)
        {
            unexpected = ex;
        }

        return new Outcome(refused, unexpected, GC.GetAllocatedBytesForCurrentThread() - before, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Several valid frames of every message and version, header included.</summary>
    private static List<FuzzSeed> Seeds(Random random, int perVersion)
    {
        var seeds = new List<FuzzSeed>();
        foreach (var message in KafkaMessage.All)
        {
            foreach (var version in message.Versions)
            {
                for (var i = 0; i < perVersion; i++)
                {
                    seeds.Add(new FuzzSeed(message, version, Frame(message, version, random)));
                }
            }
        }

        return seeds;
    }

    private static byte[] Frame(KafkaMessage message, short version, Random random)
    {
        using var writer = new KafkaWriter();
        if (message.IsRequest)
        {
            new RequestHeader(message.Api.Key, version, random.Next(), "kcp").Write(writer, message.Api.IsFlexible(version));
        }
        else
        {
            new ResponseHeader(random.Next()).Write(writer, message.Api.HasFlexibleResponseHeader(version));
        }

        message.Encode(RandomRecord.Of(message.Type, random), writer, version);
        return writer.WrittenSpan.ToArray();
    }

    private sealed record FuzzSeed(KafkaMessage Message, short Version, byte[] Bytes);

    private readonly record struct Outcome(bool Refused, Exception? Unexpected, long Allocated, TimeSpan Took);
}
