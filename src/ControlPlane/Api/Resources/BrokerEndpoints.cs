using System.Globalization;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Resources;

/// <summary>Brokers with their log dirs, hosted replicas and configs.</summary>
internal static class BrokerEndpoints
{
    private static readonly Sort ById = new("id", false);

    public static void MapBrokers(this RouteGroupBuilder cluster)
    {
        var brokers = cluster.MapGroup("/brokers").WithTags("Brokers");
        brokers.MapGet("", List).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Search, QueryParameter.Sort(BrokerRows.Fields.Names, "id"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<BrokerDto>>("Brokers of a cluster", "Also those known only from replica lists. search looks at id, host and rack.");
        brokers.MapGet("/{id}", Detail).OfOwner().RequireAuthorization(Policies.View)
            .Describe<BrokerDetailDto>("One broker", "With its log dirs and what is wrong with it.");
        brokers.MapGet("/{id}/replicas", Replicas).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Search, QueryParameter.Of("role", "Only leaders, only followers, or only replicas that are out of sync.", "leader", "follower", "out-of-sync"), QueryParameter.Sort(HostedRows.Fields.Names, "topic"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<HostedReplicaDto>>("Replicas on a broker", "Every replica that the broker hosts, with its place and size.");
        brokers.MapGet("/{id}/configs", Configs).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Search, QueryParameter.Of("only", "Only entries that are set somewhere, or only those whose value differs on another broker.", "overrides", "differences"), QueryParameter.Sort(ConfigRows.SortNames, "name"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<ConfigEntryDto>>("Configs of a broker", "Each entry with its source, and the brokers that have another value.");
    }

    private static async Task<IResult> List(HttpContext http, string cluster, Pictures pictures)
    {
        var query = new QueryReader(http);
        var search = query.Text("search");
        var paging = query.Paging(BrokerRows.Fields.Names, ById);
        query.ThrowIfRefused();
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        return Answer.OfModel(http, view.Model, () =>
        {
            var rows = view.Brokers;
            var (items, total) = rows.Sorted.Page(paging, search is null ? null : row => Matches(rows.All[row], search), row => rows.All[row]);
            return new Page<BrokerDto>(items, total, paging.Offset, paging.Limit, view.Sample(SampleKind.Topology)?.LastSuccess);
        });
    }

    private static async Task<IResult> Detail(HttpContext http, string cluster, string id, Pictures pictures)
    {
        new QueryReader(http).ThrowIfRefused();
        var (view, index) = await RequireBrokerAsync(http, cluster, id, pictures);
        return Answer.OfModel(http, view.Model, () =>
        {
            var broker = view.Model.Brokers[index];
            var subject = BrokerRows.Subject(broker.Id);
            return new BrokerDetailDto(view.Brokers.All[index], LogDirRows.Of(broker), broker.LogDirsAt, view.FindingsOf(subject));
        });
    }

    private static async Task<IResult> Replicas(HttpContext http, string cluster, string id, Pictures pictures)
    {
        var query = new QueryReader(http);
        var search = query.Text("search");
        var role = query.Word("role", "leader", "follower", "out-of-sync");
        var paging = query.Paging(HostedRows.Fields.Names, new Sort("topic", false));
        query.ThrowIfRefused();
        var (view, index) = await RequireBrokerAsync(http, cluster, id, pictures);
        return Answer.OfModel(http, view.Model, () =>
        {
            var rows = new HostedRows(view, index);
            var (items, total) = rows.Page(paging, search, role);
            return new Page<HostedReplicaDto>(items, total, paging.Offset, paging.Limit, view.Sample(SampleKind.Topology)?.LastSuccess);
        });
    }

    private static async Task<IResult> Configs(HttpContext http, string cluster, string id, Pictures pictures)
    {
        var query = new QueryReader(http);
        var search = query.Text("search");
        var only = query.Word("only", "overrides", "differences");
        var paging = query.Paging(ConfigRows.SortNames, new Sort("name", false));
        query.ThrowIfRefused();
        var (view, index) = await RequireBrokerAsync(http, cluster, id, pictures);
        var model = view.Model;
        var brokerId = model.Brokers[index].Id;
        if (!model.Configs.Brokers.TryGetValue(brokerId, out var entries))
        {
            var sample = view.Sample(SampleKind.BrokerConfigs);
            return ApiProblems.NotRead(model.Id, $"The configs of broker {brokerId}", sample is null ? null : sample with { Failures = [.. sample.Failures.Where(failure => failure.BrokerId is null || failure.BrokerId == brokerId)] }).ToResult(http);
        }

        return Answer.OfModel(http, model, () => ConfigRows.Page(
            ConfigRows.OfBroker(model, brokerId, entries), paging, search, only, model.Configs.BrokersAt));
    }

    private static async ValueTask<(ClusterView View, int Index)> RequireBrokerAsync(HttpContext http, string cluster, string id, Pictures pictures)
    {
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        var index = int.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? view.Model.FindBroker(number) : -1;
        return index >= 0 ? (view, index) : throw new ProblemException(ApiProblems.UnknownBroker(view.Model.Id, id));
    }

    private static bool Matches(BrokerDto broker, string search) =>
        broker.Id.ToString(CultureInfo.InvariantCulture).Contains(search, StringComparison.Ordinal)
        || broker.Host?.Contains(search, StringComparison.OrdinalIgnoreCase) == true
        || broker.Rack?.Contains(search, StringComparison.OrdinalIgnoreCase) == true;
}
