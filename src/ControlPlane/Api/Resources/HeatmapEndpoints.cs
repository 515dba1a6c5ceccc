using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Api.Resources;

/// <summary>Who carries what: brokers by topics or partitions.</summary>
internal static class HeatmapEndpoints
{
    private static readonly string[] ByWords = ["topic", "partition"];

    public static void MapHeatmap(this RouteGroupBuilder cluster) =>
        cluster.MapGet("/heatmap", Read).OfOwner().RequireAuthorization(Policies.View).WithTags("Capacity")
            .WithQuery(
                QueryParameter.Of("by", "What a row is. Default topic.", ByWords),
                QueryParameter.Of("colour", "What a cell tells. Default size.", Heatmap.Colours),
                QueryParameter.Text("topics", "Only topics whose whole name matches this regular expression."),
                QueryParameter.Offset,
                QueryParameter.Limit)
            .Describe<HeatmapDto>("Heatmap of a cluster", "Packed: of each row only the brokers that hold something of it. Largest rows first.").Refuses(422);

    private static async Task<IResult> Read(HttpContext http, string cluster, Pictures pictures)
    {
        var query = new QueryReader(http);
        var by = query.Word("by", ByWords) ?? "topic";
        var colour = query.Word("colour", Heatmap.Colours) ?? "size";
        var topics = query.Text("topics");
        var (offset, limit) = ((int)(query.Number("offset", 0, int.MaxValue) ?? 0), (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit));
        query.ThrowIfRefused();
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        try
        {
            var chosen = topics is null ? null : TopicPattern.Match(view.Model.Partitions.TopicName, topics, "topics");
            return Answer.OfModel(http, view.Model, () => new Heatmap(view.Model, colour, chosen).Make(by == "partition", offset, limit));
        }
        catch (OptimizerRefusal refusal)
        {
            throw OptimizerAsks.Refusal(refusal.Field, refusal.Message);
        }
    }
}
