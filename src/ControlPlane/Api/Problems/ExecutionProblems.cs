using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Problems;

/// <summary>Refusals about executions.</summary>
internal static class ExecutionProblems
{
    public static Problem Unknown(ClusterId cluster, string id) =>
        new(404, "Unknown execution", $"Cluster '{cluster}' has no execution '{(id.Length > 40 ? id[..40] : id)}'.", "List the executions of the cluster.") { Code = "unknown-execution" };

    public static Problem NotPossible(string why) =>
        new(409, "Not possible in this state", why, "Look at the execution again.") { Code = "execution-state" };

    public static Problem NotHere(ClusterId cluster) =>
        new(503, "The execution is between owners", $"The process that owns cluster '{cluster}' is just beginning to work on it.", "Try again in a few seconds; the execution goes on by itself.")
        {
            Code = "no-runner",
            RetryAfter = TimeSpan.FromSeconds(3),
        };
}
