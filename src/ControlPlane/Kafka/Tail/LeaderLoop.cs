using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Tail;

/// <summary>Fetches, one answer after the other, the partitions that one broker leads; ends when it leads none.</summary>
internal sealed class LeaderLoop(TopicTail tail, int brokerId)
{
    private static readonly TimeSpan WhileUnauthorized = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WhileAllPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WithoutProgress = TimeSpan.FromMilliseconds(200);

    private int _failures;
    private int _first;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (tail.LedBy(brokerId) is { Count: > 0 } mine)
            {
                if (tail.Options.Room is { } room)
                {
                    await room(cancellationToken);
                }

                mine.RemoveAll(one => !one.MayBeAsked);
                if (mine.Count == 0)
                {
                    await Task.Delay(WhileAllPause, tail.Network.Time, cancellationToken);
                    continue;
                }

                await RoundAsync(Rotated(mine), cancellationToken);
            }
        }
        finally
        {
            tail.WantLookUp(); // a partition may have come in the moment in which we left
        }
    }

    private async Task RoundAsync(List<PartitionTail> mine, CancellationToken cancellationToken)
    {
        try
        {
            var began = tail.Network.Time.GetTimestamp();
            var asked = mine.Where(one => one.Place is not null).ToDictionary(one => one.Partition, one => (Partition: one, Place: one.Place ?? default));
            var response = await tail.Network.SendToBrokerAsync(brokerId, Request(asked.Values), RequestLane.Tail, cancellationToken);
            if (response.ErrorCode != ErrorCode.None)
            {
                await PauseAsync($"Broker {brokerId} answered Fetch with {response.ErrorCode.KafkaName()}. {response.ErrorCode.Hint()}", mine, null, cancellationToken);
                return;
            }

            _failures = 0;
            var isUseful = await TakeAsync(response, asked, cancellationToken);
            if (!isUseful && tail.Network.Time.GetElapsedTime(began) < WithoutProgress)
            {
                await Task.Delay(WithoutProgress, tail.Network.Time, cancellationToken); // answers at once that say nothing must not keep us busy
            }
        }
        catch (KafkaClientException ex)
        {
            await PauseAsync(ex.Message, mine, (ex as KafkaConnectionException)?.RetryAfter, cancellationToken);
        }
    }

    private async Task PauseAsync(string problem, List<PartitionTail> mine, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        tail.Counters.CountFailure();
        var pause = retryAfter ?? BackOff.Default.DelayAfter(++_failures, 0.5);
        mine.ForEach(one => one.Fail(problem, TimeSpan.Zero));
        tail.WantLookUp(); // another may lead by now
        await Task.Delay(pause, tail.Network.Time, cancellationToken);
    }

    /// <summary>A broker fills its answer in the order of the question: each partition comes first in its turn.</summary>
    private List<PartitionTail> Rotated(List<PartitionTail> mine)
    {
        mine.Sort((one, other) => one.Partition.CompareTo(other.Partition));
        var from = _first++ % mine.Count;
        return [.. mine[from..], .. mine[..from]];
    }

    private FetchRequest Request(IEnumerable<(PartitionTail Partition, TailPlace Place)> asked)
    {
        var partitions = asked.Select(one => new FetchRequest.FetchPartition(one.Partition.Partition, one.Place.Offset, tail.Options.MaxPartitionBytes)
        {
            CurrentLeaderEpoch = one.Partition.LeaderEpoch,
            LastFetchedEpoch = one.Place.LeaderEpoch,
        });
        return new FetchRequest([new FetchRequest.FetchTopic(tail.Options.Topic, tail.TopicId, [.. partitions])])
        {
            MaxWaitMs = (int)tail.Options.MaxWait.TotalMilliseconds,
            MinBytes = 1,
            MaxBytes = tail.Options.MaxBytes,
        };
    }

    /// <summary>False where nothing in the answer brought us further.</summary>
    private async Task<bool> TakeAsync(FetchResponse response, Dictionary<int, (PartitionTail Partition, TailPlace Place)> asked, CancellationToken cancellationToken)
    {
        var answers = response.Responses.Where(IsOurs).SelectMany(topic => topic.Partitions).DistinctBy(one => one.PartitionIndex)
            .Where(one => asked.ContainsKey(one.PartitionIndex)).ToList();
        tail.Counters.CountFetch(answers.Sum(one => (long)(one.Records?.Length ?? 0)));
        var isUseful = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = tail.Options.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(answers, parallel, (answer, _) =>
        {
            var (partition, place) = asked[answer.PartitionIndex];
            if (answer.ErrorCode != ErrorCode.None)
            {
                Refuse(answer, partition);
            }
            else if (answer.DivergingEpoch != FetchResponse.EpochEndOffset.None)
            {
                BeginAnew(partition, place);
            }
            else if (partition.Take(answer, place.Offset) && answer.Records is { Length: > 0 })
            {
                Volatile.Write(ref isUseful, 1);
            }

            return ValueTask.CompletedTask;
        });
        if (answers.Exists(one => one.ErrorCode == ErrorCode.None))
        {
            tail.Answered();
        }

        return isUseful != 0;
    }

    private bool IsOurs(FetchResponse.FetchableTopic topic) =>
        tail.TopicId == Guid.Empty ? topic.Topic == tail.Options.Topic : topic.TopicId == tail.TopicId;

    /// <summary>The log lost what we read there to a leader that had not got it, and has grown since: what is at our place now is not what comes next.</summary>
    private void BeginAnew(PartitionTail partition, TailPlace asked)
    {
        if (partition.Place == asked)
        {
            tail.Counters.CountRestart();
            partition.Restart();
        }

        tail.WantLookUp();
    }

    private void Refuse(in FetchResponse.PartitionData answer, PartitionTail partition)
    {
        tail.Counters.CountFailure();
        switch (answer.ErrorCode)
        {
            case ErrorCode.OffsetOutOfRange:
                tail.Counters.CountRestart();
                partition.Restart();
                break;
            case ErrorCode.TopicAuthorizationFailed:
                var problem = $"{tail.Options.Topic} can't be read: the principal of this connection needs {AdminErrors.Permission(ApiKey.Fetch)}.";
                partition.Fail(problem, WhileUnauthorized);
                tail.Refused(problem);
                return;
            default:
                partition.Fail($"Broker {brokerId} answered Fetch of partition {partition.Partition} with {answer.ErrorCode.KafkaName()}. {answer.ErrorCode.Hint()}");
                break;
        }

        tail.WantLookUp();
    }
}
