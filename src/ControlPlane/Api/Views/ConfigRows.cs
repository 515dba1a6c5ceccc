using System.Collections.Immutable;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Config entries for the contract, with their differences between brokers.</summary>
internal static class ConfigRows
{
    public static readonly IReadOnlyList<string> SortNames = ["name", "value", "source"];

    // These must differ from broker to broker; a list of differences that names them helps nobody.
    private static readonly HashSet<string> OwnOfEachBroker = new(StringComparer.Ordinal)
    {
        "broker.id", "node.id", "broker.rack", "listeners", "advertised.listeners", "host.name", "advertised.host.name", "port", "advertised.port",
        "log.dir", "log.dirs", "metadata.log.dir", "controller.listener.names",
    };

    public static ConfigEntryDto Of(ConfigEntry entry) => new(entry.Name, entry.Sensitive ? null : entry.Value, entry.Source.ToString(), entry.ReadOnly, entry.Sensitive, null);

    public static List<ConfigEntryDto> OfBroker(ClusterModel model, int brokerId, ImmutableArray<ConfigEntry> entries)
    {
        var others = model.Configs.Brokers
            .Where(other => other.Key != brokerId)
            .OrderBy(other => other.Key)
            .Select(other => (other.Key, Values: other.Value.ToDictionary(entry => entry.Name, StringComparer.Ordinal)))
            .ToList();
        var rows = new List<ConfigEntryDto>(entries.Length);
        foreach (var entry in entries)
        {
            var isCompared = !entry.Sensitive && !OwnOfEachBroker.Contains(entry.Name) && others.Count > 0;
            rows.Add(Of(entry) with { DiffersFrom = isCompared ? Differences(entry, others) : null });
        }

        return rows;
    }

    public static Page<ConfigEntryDto> Page(IReadOnlyList<ConfigEntryDto> rows, Paging paging, string? search, string? only, DateTimeOffset? at)
    {
        var found = rows.Where(row => (search is null || row.Name.Contains(search, StringComparison.OrdinalIgnoreCase) || row.Value?.Contains(search, StringComparison.OrdinalIgnoreCase) == true) && Passes(row, only));
        Func<ConfigEntryDto, string?> key = paging.Sort.Field switch
        {
            "value" => row => row.Value,
            "source" => row => row.Source,
            _ => row => row.Name,
        };
        var sorted = (paging.Sort.Descending
            ? found.OrderBy(row => key(row) is null).ThenByDescending(key, StringComparer.Ordinal)
            : found.OrderBy(row => key(row) is null).ThenBy(key, StringComparer.Ordinal)).ToList();
        return new Page<ConfigEntryDto>([.. sorted.Skip(paging.Offset).Take(paging.Limit)], sorted.Count, paging.Offset, paging.Limit, at);
    }

    private static bool Passes(ConfigEntryDto row, string? only) => only switch
    {
        "overrides" => row.Source is not (nameof(ConfigSource.Default) or nameof(ConfigSource.Unknown)),
        "differences" => row.DiffersFrom is { Count: > 0 },
        _ => true,
    };

    private static List<ConfigDifferenceDto> Differences(ConfigEntry entry, List<(int Key, Dictionary<string, ConfigEntry> Values)> others)
    {
        var differences = new List<ConfigDifferenceDto>();
        foreach (var (id, values) in others)
        {
            // A broker of another release may not have the key at all: that is a difference too, told as null.
            if (!values.TryGetValue(entry.Name, out var other) || (!other.Sensitive && !string.Equals(other.Value, entry.Value, StringComparison.Ordinal)))
            {
                differences.Add(new ConfigDifferenceDto(id, other?.Value));
            }
        }

        return differences;
    }
}
