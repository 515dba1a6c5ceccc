using ControlPlane.Contracts;

namespace ControlPlane.Ui.Api;

/// <summary>The REST API as the pages see it. Every member throws <see cref="ApiProblemException"/> where the API refuses or cannot be reached.</summary>
public interface IControlPlaneApi : IOperationsApi, IOptimizerApi
{
    Task<SessionDto> GetSessionAsync(CancellationToken cancellationToken);

    Task<Page<ClusterSummaryDto>> GetClustersAsync(ListQuery query, CancellationToken cancellationToken);

    Task<ClusterDto> CreateClusterAsync(CreateClusterRequest request, CancellationToken cancellationToken);

    Task<ConnectionTestDto> TestConnectionAsync(ConnectionTestRequest request, CancellationToken cancellationToken);

    Task<ClusterDto> GetClusterAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>Saves an edit of the named version; refused where the stored one is newer.</summary>
    Task<ClusterDto> UpdateClusterAsync(string cluster, long version, UpdateClusterRequest request, CancellationToken cancellationToken);

    /// <summary>Forgets a cluster; the reason is kept in the audit trail.</summary>
    Task RemoveClusterAsync(string cluster, string? reason, CancellationToken cancellationToken);

    Task<ClusterOverviewDto> GetOverviewAsync(string cluster, CancellationToken cancellationToken);

    Task RefreshClusterAsync(string cluster, CancellationToken cancellationToken);

    Task<DemoActionDto> RunDemoActionAsync(string cluster, DemoActionRequest request, CancellationToken cancellationToken);

    Task<Page<BrokerDto>> GetBrokersAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task<BrokerDetailDto> GetBrokerAsync(string cluster, int broker, CancellationToken cancellationToken);

    Task<Page<HostedReplicaDto>> GetHostedReplicasAsync(string cluster, int broker, ListQuery query, CancellationToken cancellationToken);

    Task<Page<ConfigEntryDto>> GetBrokerConfigsAsync(string cluster, int broker, ListQuery query, CancellationToken cancellationToken);

    Task<Page<TopicDto>> GetTopicsAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task<TopicDetailDto> GetTopicAsync(string cluster, string topic, CancellationToken cancellationToken);

    Task<Page<PartitionDto>> GetTopicPartitionsAsync(string cluster, string topic, ListQuery query, CancellationToken cancellationToken);

    Task<Page<ConfigEntryDto>> GetTopicConfigsAsync(string cluster, string topic, CancellationToken cancellationToken);

    Task<Page<PartitionDto>> GetPartitionsAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task<Page<LogDirDto>> GetLogDirsAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task<Page<GroupDto>> GetGroupsAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task<GroupDetailDto> GetGroupAsync(string cluster, string group, CancellationToken cancellationToken);

    /// <summary>A dry run or the change itself, as the request says.</summary>
    Task<GroupChangeDto> ResetOffsetsAsync(string cluster, string group, ResetOffsetsRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="ResetOffsetsAsync"/>
    Task<GroupChangeDto> ForgetOffsetsAsync(string cluster, string group, ForgetOffsetsRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="ResetOffsetsAsync"/>
    Task<GroupChangeDto> DeleteGroupAsync(string cluster, string group, DeleteGroupRequest request, CancellationToken cancellationToken);

    Task<HistoryDto> GetHistoryAsync(string cluster, HistoryQuery query, CancellationToken cancellationToken);

    Task<ClusterEventsDto> GetEventsAsync(string cluster, EventQuery query, CancellationToken cancellationToken);

    Task<AuditPageDto> GetAuditAsync(AuditQuery query, CancellationToken cancellationToken);

    Task<IReadOnlyList<UserDto>> GetUsersAsync(CancellationToken cancellationToken);

    Task<OneTimePasswordDto> CreateUserAsync(CreateUserRequest request, CancellationToken cancellationToken);

    Task UpdateUserAsync(string user, UpdateUserRequest request, CancellationToken cancellationToken);

    Task<OneTimePasswordDto> ResetPasswordAsync(string user, CancellationToken cancellationToken);

    Task RemoveUserAsync(string user, CancellationToken cancellationToken);

    Task<IReadOnlyList<TokenDto>> GetTokensAsync(CancellationToken cancellationToken);

    Task<NewTokenDto> CreateTokenAsync(CreateTokenRequest request, CancellationToken cancellationToken);

    Task RevokeTokenAsync(Guid token, CancellationToken cancellationToken);

    Task<IReadOnlyList<ProcessDto>> GetProcessesAsync(CancellationToken cancellationToken);

    /// <summary>Changes of all clusters as they happen; ends when the connection does.</summary>
    IAsyncEnumerable<LiveEventDto> ListenAsync(CancellationToken cancellationToken);
}
