using ControlPlane.Api.Problems;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Authorization;

namespace ControlPlane.Api.Access;

/// <summary>Says which role was missing, and keeps refused attempts to change something in the audit trail.</summary>
internal static class AccessRefusal
{
    public static async Task WriteAsync(HttpContext http)
    {
        var caller = Caller.Of(http.User);
        var policy = http.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().LastOrDefault(data => data.Policy is not null)?.Policy;
        var problem = ApiProblems.RoleMissing(caller?.Name ?? "nobody", caller?.Role.ToText() ?? "none", $"the role {Policies.RoleFor(policy ?? Policies.View)}");
        await RefuseAsync(http, problem);
    }

    public static async Task RefuseAsync(HttpContext http, Problem problem)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<AuditedAction>() is { } audited)
        {
            await http.RequestServices.GetRequiredService<AuditTrail>().TryRecordRefusedAsync(http, audited.Action, problem.Title);
        }

        http.Response.StatusCode = problem.Status;
        await problem.ToResult(http).ExecuteAsync(http);
    }
}
