using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Problems;

/// <summary>Refusals about plans.</summary>
internal static class PlanProblems
{
    public static Problem Unknown(ClusterId cluster, string id) =>
        new(404, "No such plan", $"Cluster '{cluster}' has no plan '{id}'. It may be another cluster's; one that is never carried out is removed after 30 days.", $"Check the id: GET /api/v1/clusters/{cluster}/plans lists the plans there are.") { Code = "unknown-plan" };

    public static Problem NothingToDo(ClusterId cluster, string sentence) =>
        new(409, "There is nothing to restore", $"Cluster '{cluster}': {sentence}", $"See GET /api/v1/clusters/{cluster}/brokers for what state the brokers are in.") { Code = "nothing-to-do" };

    public static Problem NotReady(ClusterId cluster, string why) =>
        new(409, "The picture is too incomplete to plan on", $"Cluster '{cluster}': {why}", "Wait for the next round of samples (POST refresh asks for one at once), or repair what the detail names.") { Code = "not-ready" };

    public static Problem Changed(string seen, string now) =>
        new(412, "This is not the plan you saw", $"The hash {Shorten(seen)} is not that of the plan, which is {Shorten(now)}.", "GET the plan, read it again, and approve it with its hash.") { Code = "changed-plan" };

    public static Problem Stale(string changes) =>
        new(409, "The plan does not fit the cluster any more", changes, "Make a new plan with POST /plans, look at it and approve that one.") { Code = "stale-plan" };

    public static Problem Decided(string state, string? by, DateTimeOffset? at) =>
        new(409, "Something was decided about this plan already", $"Its state is {state}{(by is null ? "" : $", decided by {by}")}{(at is { } time ? $" at {time:yyyy-MM-dd HH:mm:ss} UTC" : "")}.", "GET the plan for what became of it; make a new one if more is to be done.") { Code = "plan-decided" };

    public static Problem OtherRunning(Guid other, string state) =>
        new(409, "Another plan of this cluster is under way", $"Plan {other} is {state}; one runs at a time.", "Wait until it has ended or cancel it, then make a new plan.") { Code = "plan-under-way" };

    public static Problem Unsound(IReadOnlyList<string> problems) =>
        new(422, "The plan is not sound", $"The independent check refuses it: {string.Join(" ", problems.Take(5))}", "Make a new plan. If that is refused as well, report it with this text.") { Code = "unsound-plan" };

    public static Problem BadWish(string field, string why) =>
        new(422, "The plan can't be made as asked", why, $"Correct '{field}' and ask again.")
        {
            Code = "bad-wish",
            Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [why] },
        };

    private static string Shorten(string hash) => hash.Length <= 12 ? hash : hash[..12];
}
