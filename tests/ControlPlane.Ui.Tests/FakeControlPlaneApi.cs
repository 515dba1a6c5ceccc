using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;

namespace ControlPlane.Ui.Tests;

/// <summary>
/// An API with a made-up fleet. What a cluster is called decides what it is like: "troubled" has a dead broker, "huge" ten thousand topics,
/// "long" names of 249 characters and numbers of 15 digits, "stale" data that stopped, "empty" nothing, "broken" fails, "denied" refuses.
/// </summary>
internal sealed class FakeControlPlaneApi(FakeFleet fleet, FakeAnswers answers) : FakeOptimizerApi, IControlPlaneApi
{
    protected override FakeAnswers Answers => answers;

    protected override FakeTroubles Troubles { get; } = new(fleet, answers);

    protected override FakeOptimizer Optimizer { get; } = new(fleet);

    public Task<SessionDto> GetSessionAsync(CancellationToken cancellationToken) => answers.Of("session", new SessionDto(fleet.Role.ToString().ToLowerInvariant(), fleet.Role, false, "kcp-1", "0.1.0"));

    public Task<Page<ClusterSummaryDto>> GetClustersAsync(ListQuery query, CancellationToken cancellationToken) =>
        answers.Of("clusters", Page(fleet.Clusters.OrderByDescending(row => Format.Show.Severity(row.Status)), query, row => row.DisplayName));

    public Task<ClusterDto> CreateClusterAsync(CreateClusterRequest request, CancellationToken cancellationToken)
    {
        if (fleet.Clusters.Any(row => row.Id == request.Id))
        {
            throw new ApiProblemException(new(409, "This id is taken", $"A cluster {request.Id} exists already.", "Choose another id.", "trace-1", new Dictionary<string, IReadOnlyList<string>> { ["id"] = ["is taken"] }));
        }

        answers.Calls.Add($"create {request.Id}");
        return Task.FromResult(fleet.Settings(request.Id));
    }

    public Task<ConnectionTestDto> TestConnectionAsync(ConnectionTestRequest request, CancellationToken cancellationToken) => answers.Of("test", request.Connection.BootstrapServers.Contains("wrong", StringComparison.Ordinal)
        ? new ConnectionTestDto(false, "Nothing listens at wrong:9092", null, null, null, null, [], [], [new(null, "Connect", "Refused", "Expected a Kafka listener; check host and port in advertised.listeners.")])
        : new ConnectionTestDto(true, "Kafka 4.3 in KRaft mode with 3 brokers answers", "abc", "4.3", "kraft", 3, ["reassign"], [], []));

    public Task<ClusterDto> GetClusterAsync(string cluster, CancellationToken cancellationToken) => answers.Of(cluster, fleet.Settings(cluster));

    public Task<ClusterDto> UpdateClusterAsync(string cluster, long version, UpdateClusterRequest request, CancellationToken cancellationToken) => answers.Of($"update {cluster}", fleet.Settings(cluster));

    public Task RemoveClusterAsync(string cluster, string? reason, CancellationToken cancellationToken) => answers.Did($"remove {cluster}: {reason}");

    public Task<ClusterOverviewDto> GetOverviewAsync(string cluster, CancellationToken cancellationToken) => answers.Of(cluster, fleet.Overview(cluster));

    public Task RefreshClusterAsync(string cluster, CancellationToken cancellationToken) => answers.Did($"refresh {cluster}");

    public Task<DemoActionDto> RunDemoActionAsync(string cluster, DemoActionRequest request, CancellationToken cancellationToken)
    {
        answers.Calls.Add($"{request.Action} {request.BrokerId}");
        return Task.FromResult(new DemoActionDto($"{request.Action} was done to broker {request.BrokerId}."));
    }

    public Task<Page<BrokerDto>> GetBrokersAsync(string cluster, ListQuery query, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Brokers(cluster), query, row => row.Host ?? ""));

    public Task<BrokerDetailDto> GetBrokerAsync(string cluster, int broker, CancellationToken cancellationToken) => answers.Of(cluster, fleet.Broker(cluster, broker));

    public Task<Page<HostedReplicaDto>> GetHostedReplicasAsync(string cluster, int broker, ListQuery query, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Hosted(cluster, broker), query, row => row.Topic));

    public Task<Page<ConfigEntryDto>> GetBrokerConfigsAsync(string cluster, int broker, ListQuery query, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Configs(cluster), query, row => row.Name));

    public Task<Page<TopicDto>> GetTopicsAsync(string cluster, ListQuery query, CancellationToken cancellationToken)
    {
        var rows = fleet.Topics(cluster);
        rows = query.Sort switch { "-partitions" => rows.OrderByDescending(row => row.Partitions), "name" => rows.OrderBy(row => row.Name, StringComparer.Ordinal), "-name" => rows.OrderByDescending(row => row.Name, StringComparer.Ordinal), _ => rows };
        return answers.Of(cluster, Page(rows, query, row => row.Name));
    }

    public Task<TopicDetailDto> GetTopicAsync(string cluster, string topic, CancellationToken cancellationToken) => answers.Of(cluster, fleet.Topic(cluster, topic));

    public Task<Page<PartitionDto>> GetTopicPartitionsAsync(string cluster, string topic, ListQuery query, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Partitions(cluster, topic), query, row => row.Topic));

    public Task<Page<ConfigEntryDto>> GetTopicConfigsAsync(string cluster, string topic, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Configs(cluster), new(), row => row.Name));

    public Task<Page<PartitionDto>> GetPartitionsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Troubled(cluster), query, row => row.Topic));

    public Task<Page<LogDirDto>> GetLogDirsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Broker(cluster, 1).LogDirs ?? [], query, row => row.Path));

    public Task<Page<GroupDto>> GetGroupsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) => answers.Of(cluster, Page(fleet.Groups(cluster), query, row => row.Id) with { Notice = FakeFleet.GroupsNotice });

    public Task<GroupDetailDto> GetGroupAsync(string cluster, string group, CancellationToken cancellationToken) => answers.Of(cluster, fleet.Group(cluster, group));

    public Task<GroupChangeDto> ResetOffsetsAsync(string cluster, string group, ResetOffsetsRequest request, CancellationToken cancellationToken) => Change(cluster, group, "reset", request.DryRun, $"{request.To} {string.Join(' ', (request.Offsets ?? []).Select(one => $"{one.Topic}-{one.Partition}={one.Offset}/{one.Expected}"))}".TrimEnd());

    public Task<GroupChangeDto> ForgetOffsetsAsync(string cluster, string group, ForgetOffsetsRequest request, CancellationToken cancellationToken) => Change(cluster, group, "forget", request.DryRun, string.Join(' ', request.Topics));

    public Task<GroupChangeDto> DeleteGroupAsync(string cluster, string group, DeleteGroupRequest request, CancellationToken cancellationToken) => Change(cluster, group, "delete", request.DryRun, request.Reason ?? "");

    /// <summary>A group that is Empty is changed; one that is not names its members as the obstacle.</summary>
    private async Task<GroupChangeDto> Change(string cluster, string group, string action, bool dryRun, string wish)
    {
        await answers.Did($"{action} {group} {(dryRun ? "shown" : "done")} {wish}".TrimEnd());
        var found = fleet.Group(cluster, group);
        List<OffsetChangeDto> rows =
        [
            .. (found.Partitions ?? []).Where(row => row.CommittedOffset is not null).Select(row => new OffsetChangeDto(
                row.Topic, row.Partition, row.CommittedOffset, action == "reset" ? row.LogStartOffset ?? 0 : null, row.Lag, action == "reset" ? row.LogEndOffset : null, null, dryRun ? null : "done", null)),
        ];
        return await answers.Of($"change {group}", new GroupChangeDto(
            group, action, found.Group.State ?? "Unknown", found.Group.Members, dryRun, dryRun ? "Dry run: nothing was changed." : $"Done: {rows.Count} offsets.",
            dryRun && action != "forget" && found.Group.State != "Empty" ? "Stop its members, wait until the state is Empty, and ask again." : null, rows, 0));
    }

    public Task<HistoryDto> GetHistoryAsync(string cluster, HistoryQuery query, CancellationToken cancellationToken)
    {
        answers.Calls.Add($"history {query.Objects[0]}");
        return answers.Of(cluster, fleet.History(cluster, query));
    }

    public Task<ClusterEventsDto> GetEventsAsync(string cluster, EventQuery query, CancellationToken cancellationToken) =>
        answers.Of($"events {cluster}", new ClusterEventsDto([.. FakeFleet.Events(cluster).Where(one => one.At >= query.From && one.At < query.To).Take(query.Limit)], true));

    public Task<AuditPageDto> GetAuditAsync(AuditQuery query, CancellationToken cancellationToken) => answers.Of("audit", new AuditPageDto(
        [.. Enumerable.Range(0, 12).Select(i => new AuditEntryDto(100 - i, FakeFleet.Now.AddMinutes(-7 * i), i % 3 == 0 ? "anna" : "ci-token", i % 3 == 0 ? "user" : "token", "10.0.0.9", "production", i % 2 == 0 ? "cluster.update" : "user.create", i == 4 ? fleet.Long("target") : $"production-{i}", JsonSerializer.SerializeToElement(new { displayName = "old", labels = "a" }), JsonSerializer.SerializeToElement(new { displayName = "new", labels = "b" }), i == 5 ? "refused" : "succeeded", i == 2 ? "Moved to the new listener" : null, $"trace-{i}"))], 88));

    public Task<IReadOnlyList<UserDto>> GetUsersAsync(CancellationToken cancellationToken) => answers.Of<IReadOnlyList<UserDto>>("users", [new("admin", Role.Admin, false, false, FakeFleet.Now.AddDays(-40), FakeFleet.Now.AddHours(-1)), new("anna", Role.Operator, true, false, FakeFleet.Now.AddDays(-2), null), new("otto", Role.Viewer, false, true, FakeFleet.Now.AddDays(-90), FakeFleet.Now.AddDays(-50))]);

    public Task<OneTimePasswordDto> CreateUserAsync(CreateUserRequest request, CancellationToken cancellationToken) => Task.FromResult(new OneTimePasswordDto(new(request.Name, request.Role, true, false, FakeFleet.Now, null), "amber-falcon-1234"));

    public Task UpdateUserAsync(string user, UpdateUserRequest request, CancellationToken cancellationToken) => answers.Did($"update user {user}");

    public Task<OneTimePasswordDto> ResetPasswordAsync(string user, CancellationToken cancellationToken) => CreateUserAsync(new(user, Role.Viewer), cancellationToken);

    public Task RemoveUserAsync(string user, CancellationToken cancellationToken) => answers.Did($"remove user {user}");

    public Task<IReadOnlyList<TokenDto>> GetTokensAsync(CancellationToken cancellationToken) => answers.Of<IReadOnlyList<TokenDto>>("tokens", [new(Guid.Empty, "ci", "kcp_3fa8", Role.Operator, "admin", FakeFleet.Now.AddDays(-20), FakeFleet.Now.AddDays(70), FakeFleet.Now.AddMinutes(-2), null), new(Guid.NewGuid(), "old laptop", "kcp_91bc", Role.Viewer, "anna", FakeFleet.Now.AddDays(-200), null, null, FakeFleet.Now.AddDays(-10))]);

    public Task<NewTokenDto> CreateTokenAsync(CreateTokenRequest request, CancellationToken cancellationToken) => Task.FromResult(new NewTokenDto(new(Guid.NewGuid(), request.Name, "kcp_aaaa", request.Role, "admin", FakeFleet.Now, null, null, null), "kcp_aaaa_secret"));

    public Task RevokeTokenAsync(Guid token, CancellationToken cancellationToken) => answers.Did($"revoke {token}");

    public Task<IReadOnlyList<ProcessDto>> GetProcessesAsync(CancellationToken cancellationToken) => answers.Of<IReadOnlyList<ProcessDto>>("processes", [new("kcp-1", "http://10.0.0.4:8080", "0.1.0", FakeFleet.Now.AddHours(-5), FakeFleet.Now.AddSeconds(-2), true, ["production", "troubled"]), new("kcp-2", "http://10.0.0.5:8080", "0.1.0", FakeFleet.Now.AddDays(-5), FakeFleet.Now.AddMinutes(-12), false, [])]);

    public async IAsyncEnumerable<LiveEventDto> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = answers.Listen();
        await foreach (var change in changes.ReadAllAsync(cancellationToken))
        {
            yield return change;
        }
    }

    internal static Page<T> Page<T>(IEnumerable<T> rows, ListQuery query, Func<T, string> name)
    {
        if (query.Limit > 500)
        {
            throw new ApiProblemException(new(400, "The request is not valid", $"limit: {query.Limit} is not possible.", "Ask for 1 to 500."));
        }

        var found = query.Search is { } search ? rows.Where(row => name(row).Contains(search, StringComparison.OrdinalIgnoreCase)).ToList() : [.. rows];
        return new([.. found.Skip(query.Offset).Take(query.Limit)], found.Count, query.Offset, query.Limit, FakeFleet.Now.AddSeconds(-4));
    }
}

/// <summary>Decides whether a cluster answers, and remembers what was asked of it. Shared by all visits.</summary>
internal sealed class FakeAnswers
{
    private readonly List<Channel<LiveEventDto>> _listeners = [];

    public System.Collections.Concurrent.ConcurrentBag<string> Calls { get; } = [];

    /// <summary>Set to make every answer fail from now on.</summary>
    public bool IsBroken { get; set; }

    /// <summary>What every action is refused with; null where it is done.</summary>
    public ApiProblem? Refusal { get; set; }

    /// <summary>Changes the runs of the optimizer that are read from now on.</summary>
    public Func<OptimizerRunDto?, OptimizerRunDto?> Run { get; set; } = run => run;

    /// <summary>How many executions run.</summary>
    public int Running { get; set; } = 1;

    public Task<T> Of<T>(string what, T answer, string? call = null)
    {
        Calls.Add(call ?? what);
        return what switch
        {
            "broken" => Fail<T>(new(503, "The owner of this cluster does not answer", "Process kcp-2 was last seen 12 m ago.", "It is handed over within 15 s; retry then.", "4bf92f3577b34da6")),
            "denied" => Fail<T>(new(403, "You may not see this cluster", "It needs the role operator.", "An admin can grant it under Admin, Users.")),
            _ when IsBroken => Fail<T>(new(null, "The control plane does not answer", "GET /api/v1/clusters: connection refused", "Retry.")),
            _ => Task.FromResult(answer),
        };
    }

    public Task Did(string what)
    {
        Calls.Add(what);
        return Refusal is { } refusal ? Fail<bool>(refusal) : Task.CompletedTask;
    }

    public ChannelReader<LiveEventDto> Listen()
    {
        var channel = Channel.CreateUnbounded<LiveEventDto>();
        lock (_listeners)
        {
            _listeners.Add(channel);
        }

        return channel.Reader;
    }

    public int Listeners
    {
        get
        {
            lock (_listeners)
            {
                return _listeners.Count;
            }
        }
    }

    public void Announce(string cluster, string kind = "state")
    {
        lock (_listeners)
        {
            _listeners.ForEach(listener => listener.Writer.TryWrite(new(cluster, kind, 1, FakeFleet.Now)));
        }
    }

    private static Task<T> Fail<T>(ApiProblem problem) => Task.FromException<T>(new ApiProblemException(problem));
}
