using ControlPlane.Contracts;

namespace ControlPlane.Cli.Tests;

/// <summary>Answers of the API for tests.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static ClusterSummaryDto Cluster(string id, StatusWord status = StatusWord.Ok, string sentence = "All is well.") => new(
        id, id, ClusterKind.Kafka, new Dictionary<string, string>(), status, sentence, "abc", "4.3", "one", 1.5, 3, 3, 12, 144, 0, 0, 0, 1_500_000, null, 2000, 0.4, 2, "checkout", 1234, 1);

    public static ClusterDto Settings(string id, long version = 7) => new(
        id, id, ClusterKind.Kafka, new Dictionary<string, string> { ["site"] = "berlin" },
        new ConnectionDto("k1:9093", "SASL_SSL", "SCRAM-SHA-512", "kcp", true, null, null, false, true, null, null, false, null),
        null, Noon, Noon, version);

    public static Page<T> Page<T>(params T[] items) => new(items, items.Length, 0, 50, null);

    public static ClusterOverviewDto Overview(ClusterSummaryDto summary, params FindingDto[] findings) => new(
        summary, new ControllerDto("kraft", 1, 1, [], []), findings, [], new CompletenessDto(1, 1, 1, 1, 1), [], 0, 0, 0, Noon, 1);
}
