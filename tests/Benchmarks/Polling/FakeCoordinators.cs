using System.Globalization;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;

namespace ControlPlane.Benchmarks.Polling;

/// <summary>
/// Brokers that speak Kafka's protocol over sockets and coordinate <see cref="FakeGroups"/>, in a process of their own, told what to do and
/// asked how it was line by line. Work on an answer takes 0.3 ms, 50 µs a group and 5 µs a partition or member.
/// </summary>
internal sealed class FakeCoordinators : IAsyncDisposable
{
    public const int Brokers = 6;

    private readonly FakeGroups _groups = new();
    private readonly FakeBroker[] _brokers;
    private readonly CoordinatorThreads[] _threads;
    private int _round;

    private FakeCoordinators()
    {
        _brokers = [.. Enumerable.Range(1, Brokers).Select(id => new FakeBroker { NodeId = id })];
        _threads = [.. _brokers.Select(_ => new CoordinatorThreads(1))];
        for (var i = 0; i < Brokers; i++)
        {
            Script(_brokers[i], _threads[i]);
        }
    }

    /// <summary>The child process: the ports on the first line, then an answer to each line that comes.</summary>
    public static async Task<int> ServeAsync(CancellationToken cancellationToken)
    {
        await using var fleet = new FakeCoordinators();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var commits = Task.WhenAll(fleet._threads.Select(one => one.CommitAsync(ending.Token)));
        Console.WriteLine(string.Join(',', fleet._brokers.Select(one => one.Endpoint)));
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            Console.WriteLine(fleet.Answer(line.Split(' ')));
        }

        await ending.CancelAsync();
        await commits;
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers)
        {
            await broker.DisposeAsync();
        }

        Array.ForEach(_threads, one => one.Dispose());
    }

    private string Answer(string[] words)
    {
        switch (words)
        {
            case ["slow", var times]:
                Array.ForEach(_threads, one => one.Slowness = double.Parse(times, CultureInfo.InvariantCulture));
                return "ok";
            case ["move"]:
                _round++;
                return "ok";
            default:
                double[] commits = [.. _threads.SelectMany(one => one.TakeCommits()).Order()];
                return string.Create(CultureInfo.InvariantCulture, $"{_threads.Max(one => one.MostPolls)} {_threads.Sum(one => one.Polls)} {_threads.Max(one => one.SlowestMs):0.0} {At(commits, 0.5):0.00} {At(commits, 0.99):0.00}");
        }
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * share)];

    private void Script(FakeBroker broker, CoordinatorThreads threads)
    {
        broker.On(ApiKey.ApiVersions, (request, stop) => request.RespondAsync(FakeBroker.Versions(new ApiVersionsResponse.ApiVersion(ApiKey.DescribeCluster, 99, 99)), stop));
        broker.On(ApiKey.Metadata, (request, stop) => request.RespondAsync(Metadata(), stop));
        broker.On(ApiKey.FindCoordinator, (request, stop) => request.RespondAsync(
            new FindCoordinatorResponse(0, [.. request.Read<FindCoordinatorRequest>().CoordinatorKeys.Select(key => Coordinator(key))]), stop));
        broker.On(ApiKey.ListGroups, async (request, stop) =>
        {
            var mine = Enumerable.Range(0, FakeGroups.Groups).Where(group => HomeOf(group) == broker.NodeId)
                .Select(group => new ListGroupsResponse.Group(FakeGroups.NameOf(group), "consumer", StateOf(group), FakeGroups.IsNewer(group) ? "Consumer" : "Classic")).ToArray();
            await threads.PollAsync(Work(0, mine.Length), stop);
            await request.RespondAsync(new ListGroupsResponse(0, ErrorCode.None, mine), stop);
        });
        broker.On(ApiKey.OffsetFetch, async (request, stop) =>
        {
            OffsetFetchResponse.Group[] answer = [.. request.Read<OffsetFetchRequest>().Groups.Select(group => Offsets(group.GroupId))];
            await threads.PollAsync(Work(answer.Length, answer.Sum(group => group.Topics.Sum(topic => topic.Partitions.Length))), stop);
            await request.RespondAsync(new OffsetFetchResponse(0, answer), stop);
        });
        broker.On(ApiKey.DescribeGroups, async (request, stop) =>
        {
            DescribeGroupsResponse.Group[] answer = [.. request.Read<DescribeGroupsRequest>().Groups.Select(Classic)];
            await threads.PollAsync(Work(answer.Length, answer.Sum(group => group.Members.Length)), stop);
            await request.RespondAsync(new DescribeGroupsResponse(0, answer), stop);
        });
        broker.On(ApiKey.ConsumerGroupDescribe, async (request, stop) =>
        {
            ConsumerGroupDescribeResponse.Group[] answer = [.. request.Read<ConsumerGroupDescribeRequest>().GroupIds.Select(Newer)];
            await threads.PollAsync(Work(answer.Length, answer.Sum(group => group.Members.Length)), stop);
            await request.RespondAsync(new ConsumerGroupDescribeResponse(0, answer), stop);
        });
        broker.On(ApiKey.ListOffsets, (request, stop) => request.RespondAsync(
            new ListOffsetsResponse(0, [.. request.Read<ListOffsetsRequest>().Topics.Select(topic => new ListOffsetsResponse.Topic(
                topic.Name,
                [.. topic.Partitions.Select(one => new ListOffsetsResponse.Partition(one.PartitionIndex, ErrorCode.None, -1, one.Timestamp == OffsetTimestamp.Earliest ? 0 : 2_000_000 + _round, 0))]))]),
            stop));
    }

    private static TimeSpan Work(int groups, int elements) => TimeSpan.FromMilliseconds(0.3 + (0.05 * groups) + (0.005 * elements));

    private static int HomeOf(int group) => 1 + (group % Brokers);

    private static string StateOf(int group) => FakeGroups.MembersOf(group) == 0 ? "Empty" : "Stable";

    private FindCoordinatorResponse.Coordinator Coordinator(string key)
    {
        var home = _brokers[HomeOf(FakeGroups.NumberOf(key)) - 1];
        return new FindCoordinatorResponse.Coordinator(key, home.NodeId, home.Host, home.Port, ErrorCode.None, null);
    }

    private MetadataResponse Metadata() => new(
        0,
        [.. _brokers.Select(one => new MetadataResponse.Broker(one.NodeId, one.Host, one.Port, null))],
        "fake-cluster",
        1,
        [.. _groups.Topics.Select((topic, number) => new MetadataResponse.Topic(
            ErrorCode.None, topic.Name, new Guid(number + 1, 0, 0, new byte[8]), false,
            [.. Enumerable.Range(0, topic.Partitions).Select(partition => new MetadataResponse.Partition(ErrorCode.None, partition, 1 + ((number + partition) % Brokers), 0, new[] { 1 + ((number + partition) % Brokers) }, new[] { 1 + ((number + partition) % Brokers) }, Array.Empty<int>()))],
            AuthorizedOperations.Unknown))],
        AuthorizedOperations.Unknown,
        ErrorCode.None);

    private OffsetFetchResponse.Group Offsets(string name)
    {
        var group = FakeGroups.NumberOf(name);
        return new OffsetFetchResponse.Group(
            name,
            [.. _groups.TopicsOf(group).Select(topic => new OffsetFetchResponse.Topic(
                _groups.Topics[topic].Name, Guid.Empty,
                [.. Enumerable.Range(0, _groups.Topics[topic].Partitions).Select(partition => new OffsetFetchResponse.Partition(partition, 1_000_000 + group + _round, 0, "", ErrorCode.None))]))],
            ErrorCode.None);
    }

    private DescribeGroupsResponse.Group Classic(string name)
    {
        var group = FakeGroups.NumberOf(name);
        var topic = _groups.Topics[_groups.TopicsOf(group)[0]];
        var members = FakeGroups.MembersOf(group);
        return new DescribeGroupsResponse.Group(
            ErrorCode.None, null, name, StateOf(group), "consumer", "range",
            [.. Enumerable.Range(0, members).Select(member => new DescribeGroupsResponse.Member(
                $"{name}-{member}-0b0e", null, "payments", "/10.0.0.7", [],
                new ConsumerAssignment(1, [new ConsumerAssignment.TopicPartition(topic.Name, [.. Enumerable.Range(0, topic.Partitions).Where(partition => partition % members == member)])], null).ToBytes()))],
            AuthorizedOperations.Unknown);
    }

    private ConsumerGroupDescribeResponse.Group Newer(string name)
    {
        var group = FakeGroups.NumberOf(name);
        var topic = _groups.Topics[_groups.TopicsOf(group)[0]];
        var members = FakeGroups.MembersOf(group);
        return new ConsumerGroupDescribeResponse.Group(
            ErrorCode.None, null, name, StateOf(group), 3, 3, "uniform",
            [.. Enumerable.Range(0, members).Select(member => Member(member))],
            AuthorizedOperations.Unknown);

        ConsumerGroupDescribeResponse.Member Member(int member)
        {
            var assignment = new ConsumerGroupDescribeResponse.Assignment(
                [new ConsumerGroupDescribeResponse.TopicPartitions(Guid.Empty, topic.Name, [.. Enumerable.Range(0, topic.Partitions).Where(partition => partition % members == member)])]);
            return new ConsumerGroupDescribeResponse.Member($"{name}-{member}", null, null, 3, "payments", "/10.0.0.7", [topic.Name], null, assignment, assignment, 1);
        }
    }
}
