using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using StoredKind = ControlPlane.Storage.ClusterKind;

namespace ControlPlane.Api.Resources;

/// <summary>The settings of managed clusters: add, try, read, edit, remove.</summary>
internal static class ClusterEndpoints
{
    public static void MapClusters(this RouteGroupBuilder api)
    {
        var clusters = api.MapGroup("/clusters").WithTags("Clusters");
        clusters.MapPost("", Create).RequireAuthorization(Policies.Operate).Audited("cluster.add")
            .Accepts<CreateClusterRequest>("application/json")
            .Describe<ClusterDto>("Add a cluster", "A real one with its connection, or a simulated one with its shape. One that can't be reached now is added all the same.", StatusCodes.Status201Created)
            .Refuses(409, 413, 415);
        clusters.MapPost("/test", Test).RequireAuthorization(Policies.Operate).Audited("cluster.test")
            .Accepts<ConnectionTestRequest>("application/json")
            .Describe<ConnectionTestDto>("Try a connection", "Connects once and saves nothing. Answers 200 also when the trial failed: the body says what to do.")
            .Refuses(404, 413, 415);
        clusters.MapGet("/{cluster}", Read).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<ClusterDto>("Settings of a cluster", "Of secrets only whether they are set. The ETag is needed for an edit.");
        clusters.MapPut("/{cluster}", Update).RequireAuthorization(Policies.Operate).Audited("cluster.edit")
            .Accepts<UpdateClusterRequest>("application/json")
            .Describe<ClusterDto>("Edit a cluster", "Needs If-Match with the ETag of the last GET. Secrets that are left out keep their stored value.")
            .Refuses(404, 409, 412, 413, 415, 428);
        clusters.MapDelete("/{cluster}", Remove).RequireAuthorization(Policies.Operate).Audited("cluster.remove")
            .WithQuery(QueryParameter.Text("reason", "Why, for the audit trail."))
            .Describe("Remove a cluster", "Stops watching it and drops its history here. Nothing happens to the Kafka cluster.", StatusCodes.Status204NoContent).Refuses(404);
    }

    private static async Task<IResult> Create(HttpContext http, CreateClusterRequest request, ClusterStore store, ConnectionTrial trial, FleetDirectory directory)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        draft.Target = request.Id;
        ThrowIf(new ClusterRules().Check(request));
        draft.Cluster = new ClusterId(request.Id);
        var (definition, secrets) = ClusterSettings.Of(request);
        if (await store.FindAsync(definition.Id, http.RequestAborted) is { } taken)
        {
            return ApiProblems.DuplicateId(taken.Id.Value, taken.Definition.Name).ToResult(http);
        }

        if (definition.Kind == StoredKind.Kafka)
        {
            // Only to learn whether it is managed already. One that is down may be added: watching it come back is what this product is for.
            var found = await trial.RunAsync(definition, secrets, http.RequestAborted);
            definition = definition with { KafkaClusterId = found.KafkaClusterId };
        }

        switch (await store.AddAsync(definition, secrets, http.RequestAborted))
        {
            case ClusterAddition.Added(var added):
                draft.OnceStored(directory.Forget);
                var dto = ClusterSettings.ToDto(added, secrets);
                draft.SetAfter(dto);
                draft.Reason = ClusterSettings.Replaced(request.Connection);
                return Answer.OfVersion(http, added.Version, dto, StatusCodes.Status201Created, $"{ApiPaths.Root}/clusters/{added.Id}");
            case ClusterAddition.DuplicateId(var existing):
                return ApiProblems.DuplicateId(existing.Id.Value, existing.Definition.Name).ToResult(http);
            case ClusterAddition.DuplicateKafkaCluster(var existing):
                return ApiProblems.DuplicateKafka(existing.Id.Value, existing.Definition.Name, existing.Definition.KafkaClusterId).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled addition {other}");
        }
    }

    private static async Task<IResult> Test(HttpContext http, ConnectionTestRequest request, ClusterStore store, ConnectionTrial trial)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        draft.Target = request.ClusterId ?? request.Connection.BootstrapServers;
        var (stored, secrets) = request.ClusterId is { } id ? await RequireAsync(http, id, store) : (null, ClusterSecrets.None);
        draft.Cluster = stored?.Id;
        ThrowIf(new ClusterRules().Check(request.Connection, stored is null ? null : ClusterSettings.Connection(stored, secrets)));
        var unsaved = stored?.Definition ?? new ClusterDefinition { Id = new ClusterId("trial"), Name = "trial", Kind = StoredKind.Kafka };
        var (definition, all) = ClusterSettings.With(unsaved, request.Connection, secrets);
        var result = await trial.RunAsync(definition, all, http.RequestAborted);
        draft.Reason = result.Sentence;
        return Answer.Once(result);
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, ClusterStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        var (stored, secrets) = await RequireAsync(http, cluster, store);
        return Answer.OfVersion(http, stored.Version, ClusterSettings.ToDto(stored, secrets));
    }

    private static async Task<IResult> Update(HttpContext http, string cluster, UpdateClusterRequest request, ClusterStore store, FleetDirectory directory)
    {
        new QueryReader(http).ThrowIfRefused();
        var (stored, secrets) = await RequireAsync(http, cluster, store);
        var before = ClusterSettings.ToDto(stored, secrets);
        var draft = AuditDraft.Of(http);
        draft.SetBefore(before);
        if (EndpointVersions.IfMatch(http) is not { } version)
        {
            return ApiProblems.IfMatchMissing().ToResult(http);
        }

        ThrowIf(new ClusterRules().Check(request, before.Kind, before.Connection));
        var definition = stored.Definition with { Name = request.DisplayName.Trim(), Labels = request.Labels is null ? stored.Definition.Labels : ClusterSettings.ToLabels(request.Labels) };
        (definition, secrets) = request.Connection is { } connection ? ClusterSettings.With(definition, connection, secrets) : (definition, secrets);
        switch (await store.UpdateAsync(definition, request.Connection is null ? null : secrets, version, http.RequestAborted))
        {
            case ClusterChange.Changed(_, var after):
                draft.OnceStored(directory.Forget);
                var dto = ClusterSettings.ToDto(after, secrets);
                draft.SetAfter(dto);
                draft.Reason = ClusterSettings.Replaced(request.Connection);
                return Answer.OfVersion(http, after.Version, dto);
            case ClusterChange.VersionConflict(var current):
                return ApiProblems.Stale(current.Version).ToResult(http);
            case ClusterChange.DuplicateKafkaCluster(var existing):
                return ApiProblems.DuplicateKafka(existing.Id.Value, existing.Definition.Name, existing.Definition.KafkaClusterId).ToResult(http);
            case ClusterChange.Unknown:
                return ApiProblems.UnknownCluster(cluster).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled change {other}");
        }
    }

    private static async Task<IResult> Remove(HttpContext http, string cluster, ClusterStore store, FleetDirectory directory)
    {
        var query = new QueryReader(http);
        var reason = query.Text("reason");
        query.ThrowIfRefused();
        var (stored, secrets) = await RequireAsync(http, cluster, store);
        var draft = AuditDraft.Of(http);
        draft.SetBefore(ClusterSettings.ToDto(stored, secrets));
        draft.Reason = reason;
        if (await store.RemoveAsync(stored.Id, http.RequestAborted) is null)
        {
            return ApiProblems.UnknownCluster(cluster).ToResult(http);
        }

        draft.OnceStored(directory.Forget);
        return TypedResults.NoContent();
    }

    private static async Task<(StoredCluster Cluster, ClusterSecrets Secrets)> RequireAsync(HttpContext http, string cluster, ClusterStore store) =>
        ClusterId.TryParse(cluster, out var id) && await store.FindAsync(id, http.RequestAborted) is { } stored
            ? (stored, stored.HasSecrets ? await store.LoadSecretsAsync(id, http.RequestAborted) : ClusterSecrets.None)
            : throw new ProblemException(ApiProblems.UnknownCluster(cluster));

    private static void ThrowIf(ClusterRules rules)
    {
        if (rules.Errors.Count > 0)
        {
            throw new ProblemException(ApiProblems.Invalid(rules.Errors));
        }
    }
}
