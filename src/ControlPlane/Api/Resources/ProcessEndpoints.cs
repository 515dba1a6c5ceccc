using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Contracts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>The processes of this installation.</summary>
internal static class ProcessEndpoints
{
    public static void MapProcesses(this RouteGroupBuilder api) => api.MapGet("/processes", List).RequireAuthorization(Policies.View).WithTags("Processes")
        .Describe<IReadOnlyList<ProcessDto>>("Processes", "Those that were heard within the length of a lease, each with the clusters it owns.");

    private static async Task<IResult> List(HttpContext http, ProcessStore processes, OwnershipStore ownership)
    {
        new QueryReader(http).ThrowIfRefused();
        var live = await processes.ListLiveAsync(http.RequestAborted);
        var owned = (await ownership.ListOwnersAsync(http.RequestAborted)).Where(owner => owner is { IsHeld: true, Owner: not null }).ToLookup(owner => owner.Owner!.Value, owner => owner.Cluster.Value);
        IReadOnlyList<ProcessDto> rows = [.. live.Select(process => new ProcessDto(
            process.Process.Name,
            process.Process.Address,
            process.Process.Version,
            process.StartedAt,
            process.LastSeen,
            true,
            [.. owned[process.Process.Id].Order(StringComparer.Ordinal)])).OrderBy(row => row.Name, StringComparer.Ordinal)];
        return Answer.Of(http, rows);
    }
}
