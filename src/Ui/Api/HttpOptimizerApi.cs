using ControlPlane.Contracts;

namespace ControlPlane.Ui.Api;

/// <summary>Runs of the optimizer, what-if, size and heatmap, over HTTP.</summary>
internal abstract class HttpOptimizerApi(ApiConnection connection) : HttpOperationsApi(connection), IOptimizerApi
{
    public Task<OptimizerRunDto> StartOptimizerRunAsync(string cluster, CreatePlanRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync<OptimizerRunDto>(HttpMethod.Post, Of(cluster, "optimizer-runs"), request, null, cancellationToken);

    public Task<Page<OptimizerRunDto>> GetOptimizerRunsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<OptimizerRunDto>>(Of(cluster, "optimizer-runs") + query, cancellationToken);

    public Task<OptimizerRunDto> GetOptimizerRunAsync(string cluster, Guid id, CancellationToken cancellationToken) =>
        Get<OptimizerRunDto>(Of(cluster, "optimizer-runs", Text(id)), cancellationToken);

    public Task CancelOptimizerRunAsync(string cluster, Guid id, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Delete, Of(cluster, "optimizer-runs", Text(id)), null, cancellationToken);

    public Task<Page<MoveGroupDto>> GetMoveGroupsAsync(string cluster, Guid id, string by, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<MoveGroupDto>>(Of(cluster, "plans", Text(id), "move-groups") + With(query, "by", by), cancellationToken);

    public Task<WhatIfDto> AskWhatIfAsync(string cluster, WhatIfRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync<WhatIfDto>(HttpMethod.Post, Of(cluster, "what-if"), request, null, cancellationToken);

    public Task<RightsizingDto> GetRightsizingAsync(string cluster, CancellationToken cancellationToken) =>
        Get<RightsizingDto>(Of(cluster, "rightsizing"), cancellationToken);

    public Task<HeatmapDto> GetHeatmapAsync(string cluster, HeatmapQuery query, CancellationToken cancellationToken) =>
        Get<HeatmapDto>(Of(cluster, "heatmap") + query, cancellationToken);

    public Task<ClusterCapacitiesDto> GetCapacitiesAsync(string cluster, CancellationToken cancellationToken) =>
        Get<ClusterCapacitiesDto>(Of(cluster, "capacities"), cancellationToken);

    public Task UpdateCapacitiesAsync(string cluster, long version, ClusterCapacitiesRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Put, Of(cluster, "capacities"), request, Tag(version), cancellationToken);
}
