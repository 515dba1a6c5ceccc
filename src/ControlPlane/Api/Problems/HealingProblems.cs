using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Api.Problems;

/// <summary>Refusals about healing.</summary>
internal static class HealingProblems
{
    public static Problem Resolved(Anomaly anomaly) =>
        new(409, "The anomaly is over", $"{anomaly.Key.Subject} recovered at {anomaly.ResolvedAt:yyyy-MM-dd HH:mm:ss} UTC; nothing is left to heal.", $"See GET /api/v1/clusters/{anomaly.Cluster}/incidents/{anomaly.Id} for what happened.") { Code = "anomaly-resolved" };

    public static Problem CannotHeal(Anomaly anomaly) =>
        new(409, "There is no repair for this kind", $"Anomalies of the kind {anomaly.Key.Kind} are only observed.", "Look for the cause as the evidence of the anomaly says; nothing heals it by itself.") { Code = "cannot-heal" };

    public static Problem UnderWay(Anomaly anomaly, string sentence) =>
        new(409, "A plan for this anomaly is carried out already", sentence, $"Watch it with GET /api/v1/clusters/{anomaly.Cluster}/executions; cancel it first if something else is to be done.") { Code = "healing-under-way" };

    public static Problem NotPaused(string cluster) =>
        new(409, "Healing is not paused", $"Healing of cluster '{cluster}' is not paused, or its pause has ended.", "Nothing is to be done.") { Code = "not-paused" };
}
