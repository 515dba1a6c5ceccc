using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Problems;

/// <summary>Refusals about runs of the optimizer and questions about clusters that might be.</summary>
internal static class OptimizerProblems
{
    public static Problem Unknown(ClusterId cluster, string id) =>
        new(404, "No such run", $"Cluster '{cluster}' has no optimizer run '{(id.Length > 40 ? id[..40] : id)}'. The last 20 are kept, until the cluster gets another owner; plans stay longer.", $"Check the id: GET /api/v1/clusters/{cluster}/optimizer-runs lists the runs there are, GET plans the plans they made.") { Code = "unknown-run" };

    public static Problem OtherRunning(ClusterId cluster, Guid other, string by) =>
        new(409, "Another run of this cluster is under way", $"Run {other} of {by} is not over; one runs at a time.", $"Wait for it, or end it with DELETE /api/v1/clusters/{cluster}/optimizer-runs/{other}; then ask again.") { Code = "run-under-way" };

    public static Problem Over(Guid id, string state) =>
        new(409, "The run is over", $"Run {id} is {state}.", "GET the run for what it found; begin a new one if more is to be looked for.") { Code = "run-over" };
}
