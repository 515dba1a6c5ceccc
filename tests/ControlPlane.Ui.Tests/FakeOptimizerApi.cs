using System.Text.Json;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;

namespace ControlPlane.Ui.Tests;

/// <summary>The made-up optimizer behind the API. What it is asked is recorded as JSON.</summary>
internal abstract class FakeOptimizerApi : FakeOperationsApi, IOptimizerApi
{
    private static readonly JsonSerializerOptions Brief = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault };

    protected abstract FakeOptimizer Optimizer { get; }

    public async Task<OptimizerRunDto> StartOptimizerRunAsync(string cluster, CreatePlanRequest request, CancellationToken cancellationToken)
    {
        await Answers.Did($"optimize {cluster} {JsonSerializer.Serialize(request, Brief)}");
        return Optimizer.Find(cluster, FakeOptimizer.Searching)!;
    }

    public Task<Page<OptimizerRunDto>> GetOptimizerRunsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Answers.Of(cluster, FakeControlPlaneApi.Page(Optimizer.Runs(cluster), query, row => row.Sentence), $"runs {cluster}");

    public Task<OptimizerRunDto> GetOptimizerRunAsync(string cluster, Guid id, CancellationToken cancellationToken) => Found(Answers.Run(Optimizer.Find(cluster, id)), cluster, $"run {cluster} {id}");

    public Task CancelOptimizerRunAsync(string cluster, Guid id, CancellationToken cancellationToken) => Answers.Did($"cancel run {cluster} {id}");

    public Task<Page<MoveGroupDto>> GetMoveGroupsAsync(string cluster, Guid id, string by, ListQuery query, CancellationToken cancellationToken) =>
        Answers.Of(cluster, FakeControlPlaneApi.Page(Optimizer.Groups(cluster, by), query, row => row.Name), $"move groups {cluster} {by} {query.Search} {query.Sort}");

    public async Task<WhatIfDto> AskWhatIfAsync(string cluster, WhatIfRequest request, CancellationToken cancellationToken)
    {
        await Answers.Did($"what if {cluster} {JsonSerializer.Serialize(request, Brief)}");
        return Optimizer.WhatIf(cluster, request);
    }

    public Task<RightsizingDto> GetRightsizingAsync(string cluster, CancellationToken cancellationToken) => Answers.Of(cluster, Optimizer.Rightsizing(cluster), $"rightsizing {cluster}");

    public Task<HeatmapDto> GetHeatmapAsync(string cluster, HeatmapQuery query, CancellationToken cancellationToken) =>
        query.Topics is "(" ? Task.FromException<HeatmapDto>(new ApiProblemException(new(400, "The request is not valid", "topics: '(' is not a regular expression.", "Write one over the whole name, such as orders\\..*")))
        : Answers.Of(cluster, Optimizer.Heatmap(cluster, query), $"heatmap {cluster} {query}");

    public Task<ClusterCapacitiesDto> GetCapacitiesAsync(string cluster, CancellationToken cancellationToken) =>
        Answers.Of(cluster, new ClusterCapacitiesDto(cluster, 125e6, null, cluster == "empty" ? [] : [new(5, 250e6, null)], 3), $"capacities {cluster}");

    public Task UpdateCapacitiesAsync(string cluster, long version, ClusterCapacitiesRequest request, CancellationToken cancellationToken) =>
        Answers.Did($"save capacities {cluster} {version} {JsonSerializer.Serialize(request, Brief)}");
}
