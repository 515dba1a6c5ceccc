using ControlPlane.Contracts;

namespace ControlPlane.Ui.Api;

/// <summary>The REST API over HTTP: one line a call; how a call is made is in <see cref="ApiConnection"/>.</summary>
internal sealed class HttpControlPlaneApi(ApiConnection connection) : HttpOptimizerApi(connection), IControlPlaneApi
{
    public Task<SessionDto> GetSessionAsync(CancellationToken cancellationToken) => Get<SessionDto>("session", cancellationToken);

    public Task<Page<ClusterSummaryDto>> GetClustersAsync(ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<ClusterSummaryDto>>($"clusters{query}", cancellationToken);

    public Task<ClusterDto> CreateClusterAsync(CreateClusterRequest request, CancellationToken cancellationToken) =>
        Send<ClusterDto>(HttpMethod.Post, "clusters", request, cancellationToken);

    public Task<ConnectionTestDto> TestConnectionAsync(ConnectionTestRequest request, CancellationToken cancellationToken) =>
        Send<ConnectionTestDto>(HttpMethod.Post, "clusters/test", request, cancellationToken);

    public Task<ClusterDto> GetClusterAsync(string cluster, CancellationToken cancellationToken) => Get<ClusterDto>(Of(cluster), cancellationToken);

    public Task<ClusterDto> UpdateClusterAsync(string cluster, long version, UpdateClusterRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync<ClusterDto>(HttpMethod.Put, Of(cluster), request, Tag(version), cancellationToken);

    public Task RemoveClusterAsync(string cluster, string? reason, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Delete, Of(cluster) + QueryText.Of([new("reason", reason)]), null, cancellationToken);

    public Task<ClusterOverviewDto> GetOverviewAsync(string cluster, CancellationToken cancellationToken) =>
        Get<ClusterOverviewDto>(Of(cluster, "overview"), cancellationToken);

    public Task RefreshClusterAsync(string cluster, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Post, Of(cluster, "refresh"), null, cancellationToken);

    public Task<DemoActionDto> RunDemoActionAsync(string cluster, DemoActionRequest request, CancellationToken cancellationToken) =>
        Send<DemoActionDto>(HttpMethod.Post, Of(cluster, "demo"), request, cancellationToken);

    public Task<Page<BrokerDto>> GetBrokersAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<BrokerDto>>(Of(cluster, "brokers") + query, cancellationToken);

    public Task<BrokerDetailDto> GetBrokerAsync(string cluster, int broker, CancellationToken cancellationToken) =>
        Get<BrokerDetailDto>(Of(cluster, "brokers", QueryText.Number(broker)), cancellationToken);

    public Task<Page<HostedReplicaDto>> GetHostedReplicasAsync(string cluster, int broker, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<HostedReplicaDto>>(Of(cluster, "brokers", QueryText.Number(broker), "replicas") + query, cancellationToken);

    public Task<Page<ConfigEntryDto>> GetBrokerConfigsAsync(string cluster, int broker, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<ConfigEntryDto>>(Of(cluster, "brokers", QueryText.Number(broker), "configs") + query, cancellationToken);

    public Task<Page<TopicDto>> GetTopicsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<TopicDto>>(Of(cluster, "topics") + query, cancellationToken);

    public Task<TopicDetailDto> GetTopicAsync(string cluster, string topic, CancellationToken cancellationToken) =>
        Get<TopicDetailDto>(Of(cluster, "topics", topic), cancellationToken);

    public Task<Page<PartitionDto>> GetTopicPartitionsAsync(string cluster, string topic, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<PartitionDto>>(Of(cluster, "topics", topic, "partitions") + query, cancellationToken);

    public Task<Page<ConfigEntryDto>> GetTopicConfigsAsync(string cluster, string topic, CancellationToken cancellationToken) =>
        Get<Page<ConfigEntryDto>>(Of(cluster, "topics", topic, "configs"), cancellationToken);

    public Task<Page<PartitionDto>> GetPartitionsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<PartitionDto>>(Of(cluster, "partitions") + query, cancellationToken);

    public Task<Page<LogDirDto>> GetLogDirsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<LogDirDto>>(Of(cluster, "log-dirs") + query, cancellationToken);

    public Task<Page<GroupDto>> GetGroupsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<GroupDto>>(Of(cluster, "groups") + query, cancellationToken);

    public Task<GroupDetailDto> GetGroupAsync(string cluster, string group, CancellationToken cancellationToken) =>
        Get<GroupDetailDto>(Of(cluster, "groups", group), cancellationToken);

    public Task<GroupChangeDto> ResetOffsetsAsync(string cluster, string group, ResetOffsetsRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync<GroupChangeDto>(HttpMethod.Post, Of(cluster, "groups", group, "offset-reset"), request, null, cancellationToken);

    public Task<GroupChangeDto> ForgetOffsetsAsync(string cluster, string group, ForgetOffsetsRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync<GroupChangeDto>(HttpMethod.Post, Of(cluster, "groups", group, "offset-deletion"), request, null, cancellationToken);

    public Task<GroupChangeDto> DeleteGroupAsync(string cluster, string group, DeleteGroupRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync<GroupChangeDto>(HttpMethod.Post, Of(cluster, "groups", group, "deletion"), request, null, cancellationToken);

    public Task<HistoryDto> GetHistoryAsync(string cluster, HistoryQuery query, CancellationToken cancellationToken) =>
        Get<HistoryDto>(Of(cluster, "history") + query, cancellationToken);

    public Task<ClusterEventsDto> GetEventsAsync(string cluster, EventQuery query, CancellationToken cancellationToken) =>
        Get<ClusterEventsDto>(Of(cluster, "events") + query, cancellationToken);

    public Task<AuditPageDto> GetAuditAsync(AuditQuery query, CancellationToken cancellationToken) => Get<AuditPageDto>($"audit{query}", cancellationToken);

    public Task<IReadOnlyList<UserDto>> GetUsersAsync(CancellationToken cancellationToken) => Get<IReadOnlyList<UserDto>>("users", cancellationToken);

    public Task<OneTimePasswordDto> CreateUserAsync(CreateUserRequest request, CancellationToken cancellationToken) =>
        Send<OneTimePasswordDto>(HttpMethod.Post, "users", request, cancellationToken);

    public Task UpdateUserAsync(string user, UpdateUserRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Put, Path("users", user), request, cancellationToken);

    public Task<OneTimePasswordDto> ResetPasswordAsync(string user, CancellationToken cancellationToken) =>
        Send<OneTimePasswordDto>(HttpMethod.Post, Path("users", user, "password"), null, cancellationToken);

    public Task RemoveUserAsync(string user, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Delete, Path("users", user), null, cancellationToken);

    public Task<IReadOnlyList<TokenDto>> GetTokensAsync(CancellationToken cancellationToken) => Get<IReadOnlyList<TokenDto>>("tokens", cancellationToken);

    public Task<NewTokenDto> CreateTokenAsync(CreateTokenRequest request, CancellationToken cancellationToken) =>
        Send<NewTokenDto>(HttpMethod.Post, "tokens", request, cancellationToken);

    public Task RevokeTokenAsync(Guid token, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Delete, Path("tokens", token.ToString()), null, cancellationToken);

    public Task<IReadOnlyList<ProcessDto>> GetProcessesAsync(CancellationToken cancellationToken) =>
        Get<IReadOnlyList<ProcessDto>>("processes", cancellationToken);

    public IAsyncEnumerable<LiveEventDto> ListenAsync(CancellationToken cancellationToken) => Connection.ListenAsync<LiveEventDto>("live", cancellationToken);

    private Task<T> Send<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        Connection.SendAsync<T>(method, path, body, null, cancellationToken);
}
