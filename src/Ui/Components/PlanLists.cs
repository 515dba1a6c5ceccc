using System.Globalization;
using ControlPlane.Contracts;

namespace ControlPlane.Ui.Components;

/// <summary>Lists that people type or that stand in an address, one item a line (a semicolon in the address).</summary>
public static class PlanLists
{
    /// <summary>Longer addresses are cut by servers and proxies.</summary>
    private const int LongestInAddress = 4000;

    public static string[] Split(string text) => text.Split(['\n', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>"4:/var/lib/kafka/data-1".</summary>
    public static LogDirNameDto? Dir(string line) =>
        line.Split(':', 2) is [var id, var path] && Id(id) is { } broker && path.Trim().StartsWith('/') ? new(broker, path.Trim()) : null;

    /// <summary>"fast: 1, 2, 3".</summary>
    public static BrokerSetDto? BrokerSet(string line) =>
        line.Split(':', 2) is [var name, var ids] && name.Trim().Length > 0 && Format.Words.ReadBrokers(ids) is { Count: > 0 } brokers ? new(name.Trim(), brokers) : null;

    /// <summary>"orders" or "orders:0,3,7" a line; null where a line is neither. No topic of Kafka has a colon.</summary>
    public static IReadOnlyList<PartitionsOfDto>? Selection(string text)
    {
        var found = new List<PartitionsOfDto>();
        foreach (var line in Split(text))
        {
            var parts = line.Split(':');
            var numbers = parts.Length == 2 ? Format.Words.ReadBrokers(parts[1]) : null;
            if (parts.Length > 2 || parts[0].Trim().Length == 0 || (parts.Length == 2 && numbers is not { Count: > 0 }))
            {
                return null;
            }

            found.Add(new(parts[0].Trim(), numbers));
        }

        return found;
    }

    /// <summary>The same for an address; null where it grows too long for one.</summary>
    public static string? Write(IEnumerable<PartitionsOfDto> selection)
    {
        var text = string.Join(';', selection.Select(one => one.Partitions is { } numbers ? $"{one.Topic}:{string.Join(',', numbers)}" : one.Topic));
        return Uri.EscapeDataString(text).Length > LongestInAddress ? null : text;
    }

    /// <summary>The fields of the rebalance form that ask the same again; see <see cref="RebalanceEdit"/>.</summary>
    public static IEnumerable<(string Name, string? Value)> Address(CreatePlanRequest request)
    {
        var options = request.Options ?? new();
        yield return ("mode", request.Mode);
        yield return ("brokers", Ids(options.Limits is [{ Brokers: { } limited }, ..] ? limited : request.Brokers));
        yield return ("topics", options.Topics);
        yield return ("replicationFactor", Number(options.ReplicationFactor));
        yield return ("dirs", options.Dirs is { } dirs ? string.Join(';', dirs.Select(dir => $"{dir.Broker}:{dir.Path}")) : null);
        yield return ("lane", options.Limits is [{ } first, ..] ? first.Lane : null);
        yield return ("limit", options.Limits is [{ } limit, ..] ? Number(Format.Lanes.IsCount(limit.Lane) ? limit.Limit : limit.Limit * 100) : null);
        yield return ("onlyOntoNamed", options.OnlyOntoNamed ? "1" : null);
        yield return ("mandatoryOnly", options.MandatoryOnly == true ? "1" : null);
        yield return ("balanceAfter", options.MandatoryOnly == false ? "1" : null);
        yield return ("only", options.Only is { } only ? Write(only) : null);
        yield return ("immovable", options.Immovable is { } fixedOnes ? Write(fixedOnes) : null);
        yield return ("excludedTopics", options.ExcludedTopics);
        yield return ("noReplicasOnto", Ids(options.NoReplicasOnto));
        yield return ("noLeadersOnto", Ids(options.NoLeadersOnto));
        yield return ("destinations", Ids(options.Destinations));
        yield return ("goals", options.Goals is { } goals ? string.Join(';', goals) : null);
        yield return ("band", Number(options.Band * 100));
        yield return ("diskLimit", Number(options.DiskLimit * 100));
        yield return ("networkLimit", Number(options.NetworkLimit * 100));
        yield return ("replicaLimit", Number(options.ReplicaLimit));
        yield return ("minLeadersTopics", options.MinLeadersTopics);
        yield return ("minLeaders", Number(options.MinLeaders));
        yield return ("brokerSets", options.BrokerSets is { } sets ? string.Join(';', sets.Select(set => $"{set.Name}:{Ids(set.Brokers)}")) : null);
        yield return ("byteBudget", Number(options.ByteBudget / (1024d * 1024 * 1024)));
        yield return ("moveBudget", Number(options.MoveBudget));
        yield return ("deadline", Number(options.DeadlineSeconds));
        yield return ("seed", Number(options.Seed));
        yield return ("polish", options.Polish == false ? "1" : null);
        yield return ("throttle", Number(request.ThrottleBytesPerSecond / 1e6));
        yield return ("moves", Number(request.MovesPerBroker));
    }

    private static string? Ids(IReadOnlyList<int>? ids) => ids is { Count: > 0 } ? string.Join(',', ids) : null;

    private static string? Number(double? value) => value?.ToString("0.######", CultureInfo.InvariantCulture);

    private static int? Id(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
