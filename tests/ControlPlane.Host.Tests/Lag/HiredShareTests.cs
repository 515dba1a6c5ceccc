using System.Collections.Concurrent;
using System.IO.Pipelines;
using ControlPlane.Clusters;
using ControlPlane.Connectivity.Spread;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>A real offsets topic of which half is read over a stream that breaks.</summary>
public sealed class HiredShareTests
{
    private const string Topic = "hired";
    private static readonly string[] Groups = [.. Enumerable.Range(0, 6).Select(number => $"group-{number}")];

    [Fact]
    public async Task A_stream_that_breaks_anywhere_leaves_nothing_out()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { DedicatedController = false });
        using var users = new RealKafkaClient(kafka.BootstrapServers);
        await users.CreateTopicAsync(Topic, 1, 1);
        var settings = new KafkaConnectionSettings { BootstrapServers = kafka.BootstrapServers.Split(',') };
        await using var hiring = new CutHiring(settings, [9, 700]); // in the first frame; in one of many
        await using var followed = new FollowedCluster(settings, hiring: hiring);
        var (feed, offset) = ((IOffsetsFeed)followed.Tail, 0L);
        for (; hiring.Hires < 3 || feed.Status.Others.Count == 0; offset++)
        {
            foreach (var group in Groups)
            {
                users.Commit(group, (Topic, 0, offset));
            }
        }

        await followed.AgreesAsync(Groups);
        Assert.Equal([new OffsetsReader("other", 2)], feed.Status.Others);
        Assert.Equal(5, feed.Status.Partitions);
        users.Commit(Groups[0], (Topic, 0, offset + 1));
        users.Commit(Groups[1], (Topic, 0, offset + 1)); // of the other share
        await followed.AgreesAsync(Groups);
        await followed.UntilAsync(() => feed.Status is { IsCaughtUp: true, IsLive: true, Problem: null }, "caught up and live");
        Assert.Equal(0, followed.Book.Restarts);
        Assert.Equal([("its stream ended", false), ("its stream ended", true)], hiring.Endings);
        Assert.True(feed.TryCapture(1, position => Assert.True(position.Offset > 0)));
    }

    /// <summary>Readers in this process, whose streams end after so many bytes; the last one's does not.</summary>
    private sealed class CutHiring(KafkaConnectionSettings settings, IReadOnlyList<int> cuts) : IOffsetsHiring, IAsyncDisposable
    {
        private readonly KafkaNetwork _network = new(settings);
        private readonly ConcurrentQueue<(CancellationTokenSource Stop, Task Shipping)> _readers = [];

        public int Readers => 2;

        public TimeProvider Time => TimeProvider.System;

        public int Hires => _readers.Count;

        public ConcurrentQueue<(string Why, bool HasRead)> Endings { get; } = [];

        public Task<Hiring> HireAsync(OffsetsShare share, CancellationToken cancellationToken)
        {
            var (pipe, stop) = (new Pipe(), new CancellationTokenSource());
            var left = Hires < cuts.Count ? cuts[Hires] : long.MaxValue;
            var shipping = new ShareShipper(new KafkaAdmin(_network), OffsetsShare.Read(share.Write())).RunAsync(pipe.Writer.AsStream(), stop.Token);
            _readers.Enqueue((stop, shipping));
            return Task.FromResult(new Hiring(new HiredReader("other", new CutStream(pipe.Reader.AsStream(), left), new Ending(stop)), null));
        }

        public void Began(HiredReader reader, OffsetsShare share) => Assert.Equal((1, 2), (share.Index, share.Of));

        public void Ended(HiredReader reader, OffsetsShare share, string why, bool hasRead) => Endings.Enqueue((why, hasRead));

        public async ValueTask DisposeAsync()
        {
            foreach (var (stop, shipping) in _readers)
            {
                await stop.CancelAsync();
                await shipping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stop.Dispose();
            }

            await _network.DisposeAsync();
        }
    }

    private sealed class Ending(CancellationTokenSource stop) : IDisposable
    {
        public void Dispose() => stop.Cancel();
    }

    private sealed class CutStream(Stream inner, long left) : Stream
    {
        private long _left = left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
