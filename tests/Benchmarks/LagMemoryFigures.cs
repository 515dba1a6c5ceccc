using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;
using ControlPlane.Lag.Memory;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Benchmarks;

/// <summary>A million partitions of groups into a real PostgreSQL and back: bytes, seconds, and how long a reader of the offsets topic stands still.</summary>
internal static class LagMemoryFigures
{
    private const int Groups = 50_000;
    private const int PartitionsOfGroup = 20;
    private const int Topics = 2_500;
    private const int Commits = 10;
    private const int OffsetsPartitions = 50;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartNewAsync(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("kcp-lag-memory-");
        await using var services = Compose(await server.CreateDatabaseAsync("memory", template: null, cancellationToken), folder.FullName);
        await services.GetRequiredService<DatabaseSetup>().RunAsync(cancellationToken);
        var cluster = new ClusterId("bench");
        await services.GetRequiredService<ClusterStore>().AddAsync(new ClusterDefinition { Id = cluster, Name = "bench", Kind = ClusterKind.Kafka, BootstrapServers = "localhost:9092" }, ClusterSecrets.None, cancellationToken);
        var lease = (await services.GetRequiredService<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), cancellationToken))!;
        var (figures, store, meter) = (new List<Figure>(), services.GetRequiredService<LagMemoryStore>(), new LagMemoryMeter(services.GetRequiredService<IMeterFactory>(), new LagBooks()));
        var book = new LagBook(new EndOffsetStore(), new LagStoreOptions(ExpireAfterMs: long.MaxValue / 4), TimeProvider.System);
        var feed = new FilledFeed();
        Fill(book, feed);
        var keeper = new LagKeeper(store, meter, TimeProvider.System);
        var clock = Stopclock.Start();
        await keeper.SaveAsync(lease, book, feed, cancellationToken);
        figures.Add(new Figure($"write {book.Followed.Partitions:N0} partitions of {book.Followed.Groups:N0} groups, {Commits} commits each, to PostgreSQL", $"{Report.Seconds(clock.WallSince)} wall, {Report.Seconds(clock.CpuSince)} CPU"));
        figures.Add(new Figure("longest that one of 50 offsets partitions waits for its copy", Report.Milliseconds(feed.LongestCapture)));
        var bytes = 0L;
        await store.ReadAsync(cluster, part => bytes += part.Body.Length, cancellationToken);
        figures.Add(new Figure("stored, compressed", string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB, {(double)bytes / book.Followed.Partitions:0} bytes each")));

        feed.Move();
        clock = Stopclock.Start();
        await keeper.SaveAsync(lease, book, feed, cancellationToken);
        figures.Add(new Figure("write again where one offsets partition of 50 moved, and all end offsets", $"{Report.Seconds(clock.WallSince)} wall, {Report.Seconds(clock.CpuSince)} CPU"));

        var next = new LagBook(new EndOffsetStore(), new LagStoreOptions(ExpireAfterMs: long.MaxValue / 4), TimeProvider.System);
        var memory = new LagMemory(store, meter, Options.Create(new LagOptions()), TimeProvider.System, NullLogger<LagMemory>.Instance);
        clock = Stopclock.Start();
        var remembered = await memory.LoadAsync(cluster, next, cancellationToken);
        figures.Add(new Figure($"read it back: {next.Followed.Partitions:N0} windows, {remembered.Positions.Sum(one => one.Groups.Offsets.Count):N0} offsets", $"{Report.Seconds(clock.WallSince)} wall, {Report.Seconds(clock.CpuSince)} CPU"));
        clock = Stopclock.Start();
        foreach (var position in remembered.Positions)
        {
            new GroupFeed(new Deaf()).Import(position.Groups);
        }

        figures.Add(new Figure("and into the feeds", Report.Seconds(clock.WallSince)));
        folder.Delete(recursive: true);
        return figures;
    }

    private static ServiceProvider Compose(string connection, string folder)
    {
        var key = Path.Combine(folder, "key");
        File.WriteAllLines(key, [Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))]);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:ConnectionString"] = connection, ["Storage:MasterKeyFile"] = key, ["Storage:Lease"] = "00:05:00" }).Build();
        return new ServiceCollection().AddLogging().AddMetrics().AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance)).AddStorage(configuration).BuildServiceProvider();
    }

    /// <summary>Commits every five seconds or so, each group in its own beat, a little behind the end.</summary>
    private static void Fill(LagBook book, FilledFeed feed)
    {
        var (random, now) = (new Random(11), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var topics = Enumerable.Range(0, Topics).Select(topic => $"orders.events.v1.{topic:0000}").ToArray();
        for (var poll = 0; poll < book.Ends.Points; poll++)
        {
            for (var topic = 0; topic < Topics * 40; topic++)
            {
                book.Ends.Add(book.Ends.IdOf(topics[topic / 40]), topic % 40, 1_000_000 + (poll * 500L) + random.Next(500), now - 200_000 + (poll * 10_000L));
            }
        }

        for (var group = 0; group < Groups; group++)
        {
            var (name, order) = ($"payments-service-consumer-{group:00000}", (long)group * 400);
            var places = new List<OffsetPlace>();
            for (var at = 0; at < PartitionsOfGroup; at++)
            {
                var (topic, partition, offset, time) = (topics[(group + (at / 4)) % Topics], ((group * 7) + at) % 40, 1_000_000L + random.Next(5_000), now - 60_000 + random.Next(5_000));
                for (var commit = 0; commit < Commits; commit++)
                {
                    (offset, time, order) = (offset + random.Next(500), time + 4_900 + random.Next(200), order + 1 + random.Next(20));
                    book.Followed.Commit(name, topic, partition, new CommitPoint(offset, time, order, time + random.Next(2_000)));
                }

                places.Add(new OffsetPlace(name, topic, partition, order));
            }

            feed.Add(group % OffsetsPartitions, places);
        }
    }

    /// <summary>Feeds that are filled and stand still.</summary>
    private sealed class FilledFeed : IOffsetsFeed
    {
        private readonly List<OffsetPlace>[] _places = [.. Enumerable.Range(0, OffsetsPartitions).Select(_ => new List<OffsetPlace>())];
        private readonly GroupFeed?[] _feeds = new GroupFeed?[OffsetsPartitions];
        private long _moved;

        public TimeSpan LongestCapture { get; private set; }

        public OffsetsFeedStatus Status => new(true, null, 0);

        public Guid TopicId { get; } = Guid.NewGuid();

        public long Records => 0;

        public IReadOnlyList<(int Partition, long Position)> Positions => [.. Enumerable.Range(0, OffsetsPartitions).Select(partition => (partition, 200_000_000 + (partition == 0 ? _moved : 0)))];

        public void Add(int partition, List<OffsetPlace> places) => _places[partition].AddRange(places);

        public void Move() => _moved++;

        public Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public bool TryCapture(int partition, Action<OffsetsPosition> take)
        {
            if (_feeds[partition] is not { } feed)
            {
                _feeds[partition] = feed = new GroupFeed(new Deaf());
                feed.Import(new GroupFeedSnapshot(_places[partition], []));
            }

            var began = Stopwatch.GetTimestamp();
            take(new OffsetsPosition(partition, 200_000_000, feed.Export()) { TopicId = TopicId });
            LongestCapture = TimeSpan.FromTicks(Math.Max(LongestCapture.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            return true;
        }
    }

    private sealed class Deaf : IGroupEvents
    {
        public void Committed(in OffsetCommitted commit)
        {
        }

        public void Deleted(in OffsetDeleted offset)
        {
        }

        public void Changed(GroupState group)
        {
        }

        public void GroupDeleted(string group)
        {
        }

        public void Restarted()
        {
        }
    }
}
