using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Analyzer;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>What a cluster can carry, what it would need, and what would come of changes to it.</summary>
internal static class CapacityEndpoints
{
    private const double DefaultDeadline = 20;
    private const double MostDeadline = 25;
    private const int MostChanges = 50;
    private const double MostRate = 1e15;

    public static void MapCapacity(this RouteGroupBuilder cluster)
    {
        cluster.MapPost("/what-if", Ask).OfOwner().RequireAuthorization(Policies.View).WithTags("Capacity")
            .Accepts<WhatIfRequest>("application/json")
            .Describe<WhatIfDto>("What would happen if", "Changes a copy of the measured model and looks for the best plan for it. Nothing is stored, nothing changes.").Refuses(409, 413, 415, 422);
        cluster.MapGet("/rightsizing", Size).OfOwner().RequireAuthorization(Policies.View).WithTags("Capacity")
            .Describe<RightsizingDto>("Whether the cluster has the size it needs", "Found by making plans with more and with fewer brokers; at most a minute old.").Refuses(409);
        var capacities = cluster.MapGroup("/capacities").WithTags("Capacity");
        capacities.MapGet("", Read).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<ClusterCapacitiesDto>("Capacities of a cluster", "What people say of them; Kafka tells only the size of disks. The ETag is needed for an edit.");
        capacities.MapPut("", Edit).RequireAuthorization(Policies.Operate).Audited("capacities.edit")
            .Accepts<ClusterCapacitiesRequest>("application/json")
            .Describe<ClusterCapacitiesDto>("Replace the capacities of a cluster", "Needs If-Match with the ETag of the last GET.").Refuses(404, 412, 413, 415, 428);
    }

    private static async Task<IResult> Ask(HttpContext http, string cluster, WhatIfRequest request, Pictures pictures, CapacityDesk desk, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var picture = await RequireAsync(http, cluster, pictures, time);
        if (request.Changes.Count is 0 or > MostChanges)
        {
            throw OptimizerAsks.Refusal("changes", $"There are {request.Changes.Count}. Expected: 1 to {MostChanges}.");
        }

        var changes = request.Changes.Select((change, at) => Change(change, string.Create(CultureInfo.InvariantCulture, $"changes[{at}]"))).ToArray();
        var deadline = TimeSpan.FromSeconds(OptimizerAsks.Within(request.DeadlineSeconds ?? DefaultDeadline, 1, MostDeadline, "deadlineSeconds"));
        var wish = new OptimizerWish { Goals = [.. request.Goals ?? []], Bands = OptimizerAsks.Bands(request.Band) };
        try
        {
            return Answer.Once(CapacityRows.WhatIf(picture, await desk.AskAsync(picture, wish, changes, deadline, http.RequestAborted)));
        }
        catch (OptimizerRefusal refusal)
        {
            throw OptimizerAsks.Refusal(refusal.Field, refusal.Message);
        }
    }

    private static async Task<IResult> Size(HttpContext http, string cluster, Pictures pictures, CapacityDesk desk, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var picture = await RequireAsync(http, cluster, pictures, time);
        return Answer.Of(http, CapacityRows.Size(picture, await desk.SizeAsync(picture, http.RequestAborted)));
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, Pictures pictures, CapacityStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var stored = await store.LoadAsync(id, http.RequestAborted);
        return Answer.OfVersion(http, stored.Version, CapacityRows.Capacities(id, stored));
    }

    private static async Task<IResult> Edit(HttpContext http, string cluster, ClusterCapacitiesRequest request, Pictures pictures, CapacityStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        if (EndpointVersions.IfMatch(http) is not { } version)
        {
            return ApiProblems.IfMatchMissing().ToResult(http);
        }

        var capacities = Capacities(request);
        var (before, draft) = (await store.LoadAsync(id, http.RequestAborted), AuditDraft.Of(http));
        draft.SetBefore(CapacityRows.Capacities(id, before));
        switch (await store.SaveAsync(id, capacities, version, http.RequestAborted))
        {
            case CapacityChange.Changed(var stored):
                var dto = CapacityRows.Capacities(id, stored);
                draft.SetAfter(dto);
                return Answer.OfVersion(http, stored.Version, dto);
            case CapacityChange.VersionConflict(var current):
                return ApiProblems.Stale(current).ToResult(http);
            case CapacityChange.UnknownCluster:
                return ApiProblems.UnknownCluster(id.Value).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled change {other.GetType().Name}");
        }
    }

    private static BrokerCapacities Capacities(ClusterCapacitiesRequest request)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Check(request.NetworkIn, "networkIn");
        Check(request.NetworkOut, "networkOut");
        var brokers = ImmutableSortedDictionary.CreateBuilder<int, NetworkCapacity>();
        foreach (var (broker, place) in (request.Brokers ?? []).Select((broker, at) => (broker, string.Create(CultureInfo.InvariantCulture, $"brokers[{at}]"))))
        {
            Check(broker.NetworkIn, $"{place}.networkIn");
            Check(broker.NetworkOut, $"{place}.networkOut");
            if (!brokers.TryAdd(broker.BrokerId, new NetworkCapacity(broker.NetworkIn, broker.NetworkOut)))
            {
                errors[$"{place}.brokerId"] = [$"Broker {broker.BrokerId} is named more than once."];
            }
        }

        return errors.Count == 0
            ? new BrokerCapacities(new NetworkCapacity(request.NetworkIn, request.NetworkOut), brokers.ToImmutable())
            : throw new ProblemException(ApiProblems.Invalid(errors));

        void Check(double? rate, string field)
        {
            if (rate is { } given && !(given is > 0 and <= MostRate))
            {
                errors[field] = ["Expected: bytes per second, more than 0; or null where it is not known."];
            }
        }
    }

    private static WhatIfChange Change(WhatIfChangeDto change, string field) => change.Kind switch
    {
        "lose-brokers" => new WhatIfChange.LoseBrokers([.. Need(change.Brokers is { Count: > 0 } ? change.Brokers : null, $"{field}.brokers", "at least one broker id")]),
        "lose-rack" => new WhatIfChange.LoseRack(Need(change.Rack, $"{field}.rack", "a rack")),
        "add-brokers" => new WhatIfChange.AddBrokers(NeedNumber(change.Count, $"{field}.count", "how many"), change.Rack) { LikeBroker = change.LikeBroker },
        "scale-topics" => new WhatIfChange.TopicLoad(Need(change.Topics, $"{field}.topics", "a regular expression"), NeedNumber(change.Factor, $"{field}.factor", "a factor such as 2")),
        "retention" => new WhatIfChange.Retention(Need(change.Topics, $"{field}.topics", "a regular expression"), NeedNumber(change.Factor, $"{field}.factor", "a factor such as 2")),
        "replication-factor" => new WhatIfChange.ReplicationFactor(Need(change.Topics, $"{field}.topics", "a regular expression"), NeedNumber(change.ReplicationFactor, $"{field}.replicationFactor", "a number of replicas")),
        _ => throw OptimizerAsks.Refusal($"{field}.kind", "There is no such change. Expected: lose-brokers, lose-rack, add-brokers, scale-topics, replication-factor or retention."),
    };

    private static T NeedNumber<T>(T? value, string field, string expected)
        where T : struct =>
        value ?? throw OptimizerAsks.Refusal(field, $"It is missing. Expected: {expected}.");

    private static T Need<T>(T? value, string field, string expected)
        where T : class =>
        value is not null ? value : throw OptimizerAsks.Refusal(field, $"It is missing. Expected: {expected}.");

    private static async Task<ClusterModel> RequireAsync(HttpContext http, string cluster, Pictures pictures, TimeProvider time)
    {
        var picture = (await pictures.RequireTopologyAsync(cluster, http.RequestAborted)).Model;
        return PlanReadiness.WhyNot(picture, time.GetUtcNow()) is { } why ? throw new ProblemException(PlanProblems.NotReady(picture.Id, why)) : picture;
    }
}
