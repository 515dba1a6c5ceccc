using ControlPlane.Analyzer;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Engine.Analyzer.Files;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Resources;

/// <summary>The optimizer's model of a cluster as a file, for kcp optimize and for reports of errors.</summary>
internal static class ModelEndpoints
{
    private const string ContentType = "application/x-ndjson";

    public static void MapModel(this RouteGroupBuilder cluster) =>
        cluster.MapGet("/model", Export).OfOwner().RequireAuthorization(Policies.View).WithTags("Optimizer")
            .WithQuery(QueryParameter.Flag("anonymise", "Numbers instead of the names of topics, hosts, racks, log dirs and brokers."))
            .Describe<string>("Export the model", "One object a line: the cluster, its brokers, its partitions with their loads.", contentType: ContentType);

    private static async Task<IResult> Export(HttpContext http, string cluster, Pictures pictures, OptimizerDesk desk)
    {
        var query = new QueryReader(http);
        var anonymise = query.Flag("anonymise") ?? false;
        query.ThrowIfRefused();
        var view = await pictures.RequireTopologyAsync(cluster, http.RequestAborted);
        var model = (await desk.BuildAsync(view.Model, http.RequestAborted)).Model;
        model = anonymise ? ModelAnonymizer.Anonymise(model) : model;
        return TypedResults.Stream(
            stream =>
            {
                // The writer formats line by line into the response; collecting a million lines first would cost their memory.
                http.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
                return Task.Run(() => ModelFileWriter.Write(model, stream), http.RequestAborted);
            },
            ContentType,
            $"{(anonymise ? "model" : view.Model.Id.Value)}.ndjson");
    }
}
