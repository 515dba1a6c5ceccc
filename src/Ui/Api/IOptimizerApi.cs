using ControlPlane.Contracts;

namespace ControlPlane.Ui.Api;

/// <summary>The part of the API about better placements: runs of the optimizer, their plans in detail, what-if, size and heatmap.</summary>
public interface IOptimizerApi
{
    /// <summary>Begins a search; nothing in Kafka changes. It is watched until its state is another than running.</summary>
    Task<OptimizerRunDto> StartOptimizerRunAsync(string cluster, CreatePlanRequest request, CancellationToken cancellationToken);

    Task<Page<OptimizerRunDto>> GetOptimizerRunsAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task<OptimizerRunDto> GetOptimizerRunAsync(string cluster, Guid id, CancellationToken cancellationToken);

    /// <summary>Ends the search with the best plan until then.</summary>
    Task CancelOptimizerRunAsync(string cluster, Guid id, CancellationToken cancellationToken);

    /// <summary>The moves of a plan summed by "topic" or by "broker".</summary>
    Task<Page<MoveGroupDto>> GetMoveGroupsAsync(string cluster, Guid id, string by, ListQuery query, CancellationToken cancellationToken);

    Task<WhatIfDto> AskWhatIfAsync(string cluster, WhatIfRequest request, CancellationToken cancellationToken);

    Task<RightsizingDto> GetRightsizingAsync(string cluster, CancellationToken cancellationToken);

    Task<HeatmapDto> GetHeatmapAsync(string cluster, HeatmapQuery query, CancellationToken cancellationToken);

    /// <summary>What people say the networks of the brokers carry.</summary>
    Task<ClusterCapacitiesDto> GetCapacitiesAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>Saves an edit of the named version; refused where the stored one is newer.</summary>
    Task UpdateCapacitiesAsync(string cluster, long version, ClusterCapacitiesRequest request, CancellationToken cancellationToken);
}
