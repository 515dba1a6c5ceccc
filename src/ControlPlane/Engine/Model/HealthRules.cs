using System.Collections.Immutable;
using System.Globalization;

namespace ControlPlane.Engine.Model;

/// <summary>Judges a picture: what is wrong, worst first, in sentences for a person.</summary>
public static class HealthRules
{
    /// <summary>Share of a log dir's volume that is used from which on it is worth a look, and from which on it is urgent.</summary>
    public const double DiskWarn = 0.80;

    public const double DiskCrit = 0.95;

    /// <summary>More findings of one kind than this are told as one.</summary>
    private const int MaxPerKind = 20;

    /// <summary>The verdict; the one before where nothing changed, so that a reader can compare references.</summary>
    public static ClusterHealth Evaluate(ClusterModel model, DateTimeOffset now)
    {
        var findings = new List<Finding>();
        var reach = Reachability(model, now);
        if (reach is not null)
        {
            findings.Add(reach);
        }

        AddPartitions(findings, model);
        AddBrokers(findings, model);
        AddController(findings, model);
        AddDisks(findings, model);
        AddPermissions(findings, model);
        var before = model.Health;
        var sorted = findings
            .Select(finding => finding with { Since = finding.Since ?? SinceBefore(before, finding) ?? now })
            .OrderBy(finding => Rank(finding.Status))
            .ThenBy(finding => finding.Since)
            .ToImmutableArray();
        var status = sorted.IsEmpty ? HasTopology(model) ? Status.Ok : Status.Unknown : sorted[0].Status;
        var sentence = Sentence(model, sorted);
        return before.Status == status && before.Sentence == sentence && before.Findings.SequenceEqual(sorted)
            ? before
            : new ClusterHealth(status, sentence, sorted);
    }

    private static int Rank(Status status) => status switch
    {
        Status.Crit => 0,
        Status.Unknown => 1,
        Status.Warn => 2,
        Status.Maint => 3,
        _ => 4,
    };

    private static DateTimeOffset? SinceBefore(ClusterHealth before, Finding finding) =>
        before.Findings.FirstOrDefault(old => old.Kind == finding.Kind && old.Subject == finding.Subject)?.Since;

    private static string Sentence(ClusterModel model, ImmutableArray<Finding> findings)
    {
        if (!findings.IsEmpty)
        {
            return findings.Length == 1 ? findings[0].Sentence : $"{findings[0].Sentence} {Count(findings.Length - 1, "more finding")}.";
        }

        return HasTopology(model)
            ? $"All {Count(model.Brokers.Length, "broker")} answer, all {Count(model.Partitions.PartitionCount, "partition")} are fully replicated."
            : "No sample yet: connecting to the cluster.";
    }

    private static Finding? Reachability(ClusterModel model, DateTimeOffset now)
    {
        var topology = model.Samples.FirstOrDefault(sample => sample.Kind == SampleKind.Topology);
        if (topology is null || (topology.LastSuccess == topology.LastAttempt && topology.LastSuccess is not null))
        {
            return null;
        }

        var why = topology.Failures.IsDefaultOrEmpty ? "it gave no answer." : topology.Failures[0].Message;
        var isFresh = topology.LastSuccess is { } success && now - success <= 3 * topology.Interval;
        if (isFresh)
        {
            return null; // one missed round is no news
        }

        // Locked out is not the same as broken: the cluster may be well, only nobody can tell.
        var isLockedOut = topology.Failures.Any(failure => failure.Kind is FailureKind.Authentication or FailureKind.Unauthorized or FailureKind.Unsupported);
        return isLockedOut
            ? new Finding(Status.Unknown, "locked-out", "cluster", $"The cluster cannot be read: {why}", null)
            : new Finding(Status.Crit, "unreachable", "cluster", $"The cluster is unreachable: {why}", null);
    }

    private static void AddPartitions(List<Finding> findings, ClusterModel model)
    {
        var counts = model.Counts;
        if (counts.OfflinePartitions > 0)
        {
            findings.Add(new Finding(
                Status.Crit, "offline-partitions", "cluster", $"{CountIs(counts.OfflinePartitions.Value, "partition")} offline: nothing can be produced or consumed there.", null));
        }

        if (counts.UnderMinInSync > 0)
        {
            findings.Add(new Finding(
                Status.Crit, "under-min-isr", "cluster", $"{CountHas(counts.UnderMinInSync.Value, "partition")} fewer in-sync replicas than min.insync.replicas: producers with acks=all are refused.", null));
        }

        if (counts.UnderReplicated > 0)
        {
            findings.Add(new Finding(
                Status.Warn, "under-replicated", "cluster", $"{CountIs(counts.UnderReplicated.Value, "partition")} under-replicated.", null));
        }
    }

    private static void AddBrokers(List<Finding> findings, ClusterModel model)
    {
        var gone = model.Brokers.Count(broker => broker.State is BrokerState.Down or BrokerState.Unresponsive);
        if (gone * 2 > model.Brokers.Length)
        {
            findings.Add(new Finding(
                Status.Crit, "brokers-down", "cluster", $"{gone} of {Count(model.Brokers.Length, "broker")} are down or do not answer.", null));
        }

        foreach (var broker in model.Brokers)
        {
            if (findings.Count(finding => finding.Kind.StartsWith("broker-", StringComparison.Ordinal)) >= MaxPerKind)
            {
                return; // the page of brokers lists them all
            }

            var where = broker.Rack is null ? $"Broker {broker.Id}" : $"Broker {broker.Id} (rack {broker.Rack})";
            var finding = broker.State switch
            {
                BrokerState.Down => ("broker-down", $"{where} is down: {broker.Evidence}."),
                BrokerState.Unresponsive => ("broker-unresponsive", $"{where} does not answer: {broker.Evidence}."),
                BrokerState.ShuttingDown => ("broker-shutting-down", $"{where} is shutting down in a controlled way."),
                BrokerState.Restarting => ("broker-restarting", $"{where} was shut down in a controlled way and is expected back."),
                BrokerState.Starting => ("broker-starting", $"{where} is starting: the controller has not admitted it yet."),
                _ => default,
            };
            if (finding.Item1 is not null)
            {
                findings.Add(new Finding(Status.Warn, finding.Item1, $"broker {broker.Id}", finding.Item2, broker.Since));
            }
        }
    }

    private static void AddController(List<Finding> findings, ClusterModel model)
    {
        var quorum = model.Samples.FirstOrDefault(sample => sample.Kind == SampleKind.Quorum);
        if (model.Controller.Mode is not null && model.Controller.ActiveId is null && quorum?.LastSuccess == quorum?.LastAttempt)
        {
            findings.Add(new Finding(
                Status.Crit, "no-controller", "cluster", "There is no active controller: leaders, topics and configs cannot change.", null));
        }
    }

    private static void AddDisks(List<Finding> findings, ClusterModel model)
    {
        var full = new List<(double Used, Finding Finding)>();
        foreach (var broker in model.Brokers)
        {
            foreach (var dir in broker.LogDirs ?? [])
            {
                if (dir.Error is not null)
                {
                    full.Add((2, new Finding(
                        Status.Warn, "log-dir-offline", $"broker {broker.Id}", $"Log dir {dir.Path} of broker {broker.Id} is offline ({dir.Error}): its replicas are lost until the disk is repaired.", null)));
                }
                else if (UsedRatio(dir) is { } used && used >= DiskWarn)
                {
                    var status = used >= DiskCrit ? Status.Crit : Status.Warn;
                    var percent = (used * 100).ToString("0", CultureInfo.InvariantCulture);
                    full.Add((used, new Finding(
                        status, "disk-full", $"broker {broker.Id} {dir.Path}", $"Log dir {dir.Path} of broker {broker.Id} is {percent} % full.", null)));
                }
            }
        }

        findings.AddRange(full.OrderByDescending(entry => entry.Used).Take(MaxPerKind).Select(entry => entry.Finding));
    }

    /// <summary>What we may not see is not what is well: it stands among the findings until it is granted.</summary>
    private static void AddPermissions(List<Finding> findings, ClusterModel model)
    {
        foreach (var missing in model.Identity?.MissingPermissions ?? [])
        {
            findings.Add(new Finding(Status.Warn, "missing-permission", $"{missing.Operation} on {missing.Resource}", missing + ".", null));
        }

        // Of topics only the round that asks for them can tell; its failures say which permission they lack.
        var topics = model.Samples.FirstOrDefault(sample => sample.Kind == SampleKind.TopicConfigs);
        if (topics?.Failures.FirstOrDefault(failure => failure.Kind == FailureKind.Unauthorized) is { } refused)
        {
            findings.Add(new Finding(
                Status.Warn, "missing-permission", "DescribeConfigs on topics", $"Missing permission DescribeConfigs on topics: the configs of some stay unknown. {refused.Message}", null));
        }
    }

    /// <summary>How full the volume of a log dir is, 0..1; null where the broker does not tell.</summary>
    public static double? UsedRatio(LogDir dir) =>
        dir is { TotalBytes: > 0 and var total, UsableBytes: { } usable } ? 1 - ((double)usable / total) : null;

    private static bool HasTopology(ClusterModel model) =>
        model.Samples.Any(sample => sample.Kind == SampleKind.Topology && sample.LastSuccess is not null);

    private static string Count(int count, string noun) =>
        count.ToString("N0", CultureInfo.InvariantCulture) + " " + noun + (count == 1 ? "" : "s");

    private static string CountIs(int count, string noun) => Count(count, noun) + (count == 1 ? " is" : " are");

    private static string CountHas(int count, string noun) => Count(count, noun) + (count == 1 ? " has" : " have");
}
