using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Resources;

/// <summary>One cluster as a whole: its overview, "refresh now", and trouble for simulated ones.</summary>
internal static class OverviewEndpoints
{
    private static readonly string[] Actions = ["kill-broker", "slow-disk", "stop-consumer", "fill-disk", "restore"];

    public static void MapOverview(this RouteGroupBuilder cluster)
    {
        cluster.MapGet("/overview", Overview).OfOwner().RequireAuthorization(Policies.View)
            .Describe<ClusterOverviewDto>("Overview of a cluster", "Verdict with findings (worst first), brokers, controller, completeness and freshness of each kind of sample.");
        cluster.MapPost("/refresh", Refresh).OfOwner().RequireAuthorization(Policies.View)
            .Describe("Sample now", "Asks the owner for a full round of samples soon. Changes nothing on the cluster.", StatusCodes.Status202Accepted);
        cluster.MapPost("/demo", Demo).OfOwner().RequireAuthorization(Policies.Operate).Audited("demo")
            .Accepts<DemoActionRequest>("application/json")
            .Describe<DemoActionDto>("Make trouble on a simulated cluster", $"Action is one of {string.Join(", ", Actions)}. Where broker or group is left out, the simulation picks one and says which.")
            .Refuses(409, 413, 415);
    }

    private static async Task<IResult> Overview(HttpContext http, string cluster, Pictures pictures, ProcessIdentity self, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var view = await pictures.RequireAsync(cluster, http.RequestAborted);
        var head = await pictures.RequireKnownAsync(view.Model.Id, http.RequestAborted);
        var now = time.GetUtcNow();
        return Answer.OfModelAt(http, view.Model, now, () => Summaries.Overview(head, view, self.Name, now));
    }

    private static async Task<IResult> Refresh(HttpContext http, string cluster, Pictures pictures)
    {
        new QueryReader(http).ThrowIfRefused();
        var view = await pictures.RequireAsync(cluster, http.RequestAborted);
        await pictures.Views.RequestRefreshAsync(view.Model.Id, http.RequestAborted);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> Demo(HttpContext http, string cluster, DemoActionRequest request, Pictures pictures)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        draft.Target = cluster;
        if (Parse(request.Action) is not { } kind)
        {
            return ApiProblems.Invalid("action", $"'{Shorten(request.Action)}' is not one of its words. Expected: {string.Join(", ", Actions)}.").ToResult(http);
        }

        draft.Action = $"demo.{request.Action}";
        var id = ClusterId.TryParse(cluster, out var parsed) ? parsed : throw new ProblemException(ApiProblems.UnknownCluster(cluster));
        var head = await pictures.RequireKnownAsync(id, http.RequestAborted);
        if (head.Kind != Contracts.ClusterKind.Simulated)
        {
            return ApiProblems.NotSimulated(id).ToResult(http);
        }

        if (pictures.Views.FindDemo(id) is not { } controls)
        {
            return ApiProblems.NoOwner(id).ToResult(http);
        }

        try
        {
            var sentence = await controls.ApplyAsync(new DemoAction(kind, request.BrokerId, request.Group), http.RequestAborted);
            (draft.Target, draft.Reason) = (Target(cluster, request), sentence);
            return Answer.Once(new DemoActionDto(sentence));
        }
        catch (ArgumentException ex)
        {
            return ApiProblems.Invalid(request.Group is null ? "brokerId" : "group", ex.Message).ToResult(http);
        }
    }

    private static string Target(string cluster, DemoActionRequest request) =>
        request.BrokerId is { } broker ? $"{cluster} broker {broker}" : request.Group is { } group ? $"{cluster} group {group}" : cluster;

    private static DemoActionKind? Parse(string action) => action switch
    {
        "kill-broker" => DemoActionKind.KillBroker,
        "slow-disk" => DemoActionKind.SlowDisk,
        "stop-consumer" => DemoActionKind.StopConsumer,
        "fill-disk" => DemoActionKind.FillDisk,
        "restore" => DemoActionKind.Restore,
        _ => null,
    };

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
