using System.Collections.Frozen;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>What one broker serves: versions by API, and the features that the cluster has switched on.</summary>
public sealed class ApiVersionTable
{
    private readonly FrozenDictionary<ApiKey, VersionRange> _ranges;

    internal ApiVersionTable(ApiVersionsResponse response)
    {
        var ranges = new Dictionary<ApiKey, VersionRange>();
        foreach (var api in response.ApiKeys)
        {
            ranges[api.ApiKey] = new VersionRange(api.MinVersion, api.MaxVersion); // a doubled key: the last word counts
        }

        _ranges = ranges.ToFrozenDictionary();
        FinalizedFeatures = (response.FinalizedFeatures ?? []).DistinctBy(feature => feature.Name)
            .ToFrozenDictionary(feature => feature.Name, feature => feature.MaxVersionLevel);
        SupportedFeatures = (response.SupportedFeatures ?? []).DistinctBy(feature => feature.Name)
            .ToFrozenDictionary(feature => feature.Name, feature => new VersionRange(feature.MinVersion, feature.MaxVersion));
        Release = KafkaReleases.Guess(this);
    }

    public IReadOnlyDictionary<ApiKey, VersionRange> Ranges => _ranges;

    /// <summary>Level by name, as metadata.version; empty where the broker does not say.</summary>
    public IReadOnlyDictionary<string, short> FinalizedFeatures { get; }

    /// <summary>What this broker's software could switch on.</summary>
    public IReadOnlyDictionary<string, VersionRange> SupportedFeatures { get; }

    /// <summary>Only brokers in KRaft mode serve DescribeQuorum; those with ZooKeeper do not.</summary>
    public bool IsKRaft => _ranges.ContainsKey(ApiKey.DescribeQuorum);

    /// <summary>The best guess of the broker's release from what it serves, as "3.9"; null where nothing fits.</summary>
    public string? Release { get; }

    public VersionRange? RangeOf(ApiKey key) => _ranges.TryGetValue(key, out var range) ? range : null;

    /// <summary>The highest version that both sides speak.</summary>
    public bool TryPick(ApiDescriptor api, out short version)
    {
        version = 0;
        if (!_ranges.TryGetValue(api.Key, out var range))
        {
            return false;
        }

        version = Math.Min(api.MaxVersion, range.Max);
        return version >= Math.Max(api.MinVersion, range.Min);
    }
}
