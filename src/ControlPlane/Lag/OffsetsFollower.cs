using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Lag.Memory;

namespace ControlPlane.Lag;

/// <summary>Follows the offsets topic of an owned cluster into its book, from where an earlier owner stopped, and asks what commits do not tell.</summary>
internal sealed partial class OffsetsFollower(LagMemory memory, OffsetsHiring hiring, TimeProvider time, ILogger<OffsetsFollower> logger)
{
    /// <summary>Fills an empty book with what an earlier owner knew.</summary>
    public Task<RememberedLag> RememberAsync(OwnedCluster cluster, LagBook book, CancellationToken stopping) => memory.LoadAsync(cluster.Id, book, stopping);

    /// <summary>Reads commits until it is stopped; never throws: what fails ends in the book, and polls go on.</summary>
    public async Task FollowAsync(OwnedCluster cluster, LagBook book, RememberedLag remembered, CancellationToken stopping)
    {
        var listeners = (int partition) => new ShardEvents(book, partition, time, remembered.GroupsOf(partition), () => BeginAnew(cluster.Id, book));
        if (cluster.Kafka.FollowOffsets(listeners, remembered.Positions, hiring.For(cluster.Id)) is not { } feed)
        {
            await PollAsync(cluster, book, stopping); // a simulated cluster keeps no log of commits
            return;
        }

        book.Follow(feed, isResumed: !remembered.IsNothing);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var keeping = memory.KeepAsync(cluster, book, feed, ending.Token);
        try
        {
            await feed.RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception ex)
        {
            LogFollowingFailed(cluster.Id, ex);
            book.GiveUp($"following ended by an error of this product ({ex.GetType().Name}); the log has the details. It begins again when the cluster is claimed anew.");
        }
        finally
        {
            await ending.CancelAsync();
            await keeping; // with what was read last
        }

        if (!stopping.IsCancellationRequested)
        {
            await PollAsync(cluster, book, stopping);
        }
    }

    /// <summary>Nothing is followed: what polls tell goes on from what was known, and is remembered.</summary>
    public Task PollAsync(OwnedCluster cluster, LagBook book, CancellationToken stopping)
    {
        book.KeepPolled();
        return memory.KeepAsync(cluster, book, null, stopping);
    }

    /// <summary>What was remembered of a part of the topic is no use: it begins behind it, was cut off before it, or is another topic.</summary>
    private void BeginAnew(ClusterId cluster, LagBook book)
    {
        book.KeepPolled(); // what is forgotten here is judged by polls from where it is
        if (book.EndResume())
        {
            LogBegunAnew(cluster);
        }
    }

    /// <summary>Asks for last stable offsets of partitions that stand, until it is stopped.</summary>
    public async Task AskAsync(OwnedCluster cluster, LagBook book, CancellationToken stopping)
    {
        try
        {
            await book.Stable.RunAsync(cluster.Kafka.PartitionQuestions, stopping);
        }
        catch (Exception ex)
        {
            LogAskingFailed(cluster.Id, ex); // without it transactions that hang are not named; everything else goes on
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: __consumer_offsets does not go on where it was remembered (deleted, cut off or made anew); those partitions of it are read from their beginning")]
    private partial void LogBegunAnew(ClusterId cluster);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: asking for last stable offsets ended by an error; transactions that hang are not named")]
    private partial void LogAskingFailed(ClusterId cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: following __consumer_offsets ended by an error; its groups are judged by polls")]
    private partial void LogFollowingFailed(ClusterId cluster, Exception exception);
}
