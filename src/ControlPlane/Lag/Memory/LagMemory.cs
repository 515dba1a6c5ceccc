using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag.Memory;

/// <summary>
/// What outlives a process of a cluster's lag: how far its offsets topic was read, what was known of groups there, their windows, and where logs
/// ended when. Whoever owns the cluster writes it, and whoever owns it next goes on from it.
/// </summary>
internal sealed partial class LagMemory(LagMemoryStore store, LagMemoryMeter meter, IOptions<LagOptions> options, TimeProvider time, ILogger<LagMemory> logger)
{
    /// <summary>Brokers forget tombstones after a day, and with them that something was deleted: what is nearly as old is not gone on from.</summary>
    private static readonly TimeSpan OldestWorth = TimeSpan.FromHours(20);

    /// <summary>Without it the topic is read anew, which takes minutes at worst: no reason to wait longer than that.</summary>
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(30);

    public bool IsOn => options.Value.Remember > TimeSpan.Zero;

    /// <summary>Fills an empty book; what can't be used is told once and read anew from Kafka.</summary>
    public async Task<RememberedLag> LoadAsync(ClusterId cluster, LagBook book, CancellationToken stopping)
    {
        var (feeds, refused) = (new List<(DateTimeOffset At, FeedMemory Feed)>(), new List<string>());
        if (!IsOn)
        {
            return RememberedLag.Nothing;
        }

        var began = time.GetTimestamp();
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            patience.CancelAfter(LoadPatience);
            await store.ReadAsync(cluster, part => Take(part, book, feeds, refused), patience.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            refused.Add($"the database did not hand it over within {LoadPatience.TotalSeconds:0} s");
        }
        catch (Exception ex) when (ex is StorageUnavailableException or Npgsql.NpgsqlException)
        {
            refused.Add(ex.Message);
        }

        if (refused.Count > 0)
        {
            meter.CountRefused(cluster, refused.Count);
            LogRefused(cluster, refused.Count, refused[0]);
        }

        var newest = feeds.Count == 0 ? Guid.Empty : feeds.MaxBy(one => one.At).Feed.TopicId;
        var remembered = new RememberedLag([.. feeds.Where(one => one.Feed.TopicId == newest)
            .Select(one => new OffsetsPosition(one.Feed.Partition, one.Feed.Position, one.Feed.Groups) { TopicId = one.Feed.TopicId, LeaderEpoch = one.Feed.LeaderEpoch })]);
        foreach (var group in feeds.Where(one => one.Feed.TopicId != newest).SelectMany(one => RememberedLag.GroupsOf(one.Feed.Groups)))
        {
            book.Followed.ForgetGroup(group); // of an offsets topic that is no more
        }

        if (!remembered.IsNothing)
        {
            LogLoaded(cluster, remembered.Positions.Count, book.Followed.Partitions, time.GetElapsedTime(began).TotalSeconds);
        }

        return remembered;
    }

    /// <summary>Writes what has changed since the last time, in the background, until cancelled; each partition of the offsets topic waits only while it is copied.</summary>
    /// <param name="cluster">Under whose lease.</param>
    /// <param name="book">What is known.</param>
    /// <param name="feed">Null: nothing is followed.</param>
    /// <param name="stopping">Ends it, with what is known last.</param>
    public async Task KeepAsync(OwnedCluster cluster, LagBook book, IOffsetsFeed? feed, CancellationToken stopping)
    {
        if (!IsOn)
        {
            return;
        }

        var keeper = new LagKeeper(store, meter, time);
        try
        {
            for (var pause = options.Value.Remember; ;)
            {
                await Task.Delay(pause, time, stopping);
                var took = await SaveAsync(keeper, cluster, book, feed, stopping);
                pause = options.Value.Remember + (took * LagKeeper.ShareOfTime); // a large cluster is remembered less often
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            using var last = new CancellationTokenSource(LagKeeper.LastPatience, time); // what is not written by then is older, and still whole
            await SaveAsync(keeper, cluster, book, feed, last.Token);
            meter.Forget(cluster.Id);
        }
    }

    private async Task<TimeSpan> SaveAsync(LagKeeper keeper, OwnedCluster cluster, LagBook book, IOffsetsFeed? feed, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            await keeper.SaveAsync(cluster.Lease, book, feed, cancellationToken);
        }
        catch (StaleEpochException)
        {
            // another process owns it by now, and remembers by itself
        }
        catch (StorageUnavailableException ex)
        {
            LogNotSaved(cluster.Id, ex.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // ends in the middle: parts stand for themselves
        }
        catch (Exception ex)
        {
            LogBroken(cluster.Id, ex); // remembering must not end because one part of it could not be written
        }

        return time.GetElapsedTime(began);
    }

    private void Take(LagMemoryPart part, LagBook book, List<(DateTimeOffset At, FeedMemory Feed)> feeds, List<string> refused)
    {
        try
        {
            if (time.GetUtcNow() - part.At > OldestWorth)
            {
                refused.Add($"it is of {part.At:u}, and deletions since then may be forgotten by the brokers");
            }
            else if (part.Kind == (int)MemoryKind.OffsetsPartition)
            {
                feeds.Add((part.At, FeedMemory.Read(MemoryFrame.Open(MemoryKind.OffsetsPartition, part.Body), book.Followed)));
            }
            else if (part.Kind == (int)MemoryKind.EndOffsets)
            {
                EndsMemory.Read(MemoryFrame.Open(MemoryKind.EndOffsets, part.Body), book.Ends);
            }
            else if (part.Kind == (int)MemoryKind.PolledWindows)
            {
                WindowsMemory.Read(MemoryFrame.Open(MemoryKind.PolledWindows, part.Body), book.RecallPolled());
            }
            else if (part.Kind == (int)MemoryKind.ShareWindows)
            {
                WindowsMemory.Read(MemoryFrame.Open(MemoryKind.ShareWindows, part.Body), book.Shares);
            }
        }
        catch (LagMemoryException ex)
        {
            refused.Add(ex.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: lag is gone on with from {Parts} remembered partitions of __consumer_offsets, {Windows} windows, read in {Seconds:0.0} s")]
    private partial void LogLoaded(ClusterId cluster, int parts, long windows, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: {Parts} parts of what was remembered of its lag can't be used and are read anew from Kafka. The first: {Problem}")]
    private partial void LogRefused(ClusterId cluster, int parts, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: its lag is not remembered this time: {Problem}")]
    private partial void LogNotSaved(ClusterId cluster, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: its lag could not be remembered by an error of this product")]
    private partial void LogBroken(ClusterId cluster, Exception exception);
}
