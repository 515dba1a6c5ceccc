using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Api.Views;

/// <summary>Which brokers and racks are closest to a limit; only where both load and limit are known.</summary>
internal static class Bottlenecks
{
    private const int Most = 10;
    private const double Warn = 0.8;

    private static readonly int[] Limited = [Lane.BytesIn, Lane.BytesOut, Lane.Disk, Lane.Replicas];

    /// <summary>After the plan, tightest first.</summary>
    public static IReadOnlyList<BottleneckDto> Of(ImmutableArray<BrokerLanes> brokers)
    {
        var living = Living(brokers);
        var single = from broker in living
                     from lane in Limited
                     let used = Used(broker, lane)
                     where !double.IsNaN(used)
                     select Make("broker", broker.BrokerId.ToString(CultureInfo.InvariantCulture), lane, used);
        var racks = from rack in living.Where(broker => broker.Rack is not null).GroupBy(broker => broker.Rack!, StringComparer.Ordinal)
                    from lane in Limited
                    let used = rack.Sum(broker => broker.After[lane]) / rack.Sum(broker => broker.Limit[lane])
                    where !double.IsNaN(used)
                    select Make("rack", rack.Key, lane, used);
        return [.. single.Concat(racks).OrderByDescending(one => one.Used).ThenBy(one => one.Kind, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal).Take(Most)];
    }

    /// <summary>How the whole cluster is loaded now.</summary>
    public static IReadOnlyList<ResourceUseDto> Resources(ImmutableArray<BrokerLanes> brokers)
    {
        var living = Living(brokers);
        return
        [
            .. Limited.Select(lane =>
            {
                var fullest = living.Where(broker => !double.IsNaN(broker.Before[lane] / broker.Limit[lane])).MaxBy(broker => broker.Before[lane] / broker.Limit[lane]);
                return new ResourceUseDto(
                    LoadWords.All[lane],
                    LoadWords.UnitOf(lane),
                    Known.Rate(living.Sum(broker => broker.Before[lane])),
                    Known.Rate(living.Sum(broker => broker.Capacity[lane])),
                    Known.Rate(living.Sum(broker => broker.Limit[lane])),
                    fullest?.BrokerId,
                    fullest is null ? null : fullest.Before[lane] / fullest.Limit[lane]);
            }),
        ];
    }

    /// <summary>A rack with fewer brokers than the largest has to carry as many replicas of what has one in each rack.</summary>
    public static IReadOnlyList<RackUseDto> Racks(ImmutableArray<BrokerLanes> brokers)
    {
        var racks = Living(brokers).GroupBy(broker => broker.Rack).ToArray();
        var even = racks.Where(rack => rack.Key is not null).Select(rack => rack.Count()).DefaultIfEmpty(0).Max();
        return
        [
            .. racks.OrderBy(rack => rack.Key, StringComparer.Ordinal).Select(rack =>
            {
                var uses = Limited.Select(lane => (lane, used: rack.Sum(broker => broker.Before[lane]) / rack.Sum(broker => broker.Limit[lane]))).Where(use => !double.IsNaN(use.used)).OrderByDescending(use => use.used).ToArray();
                return new RackUseDto(rack.Key, rack.Count(), rack.Key is null ? 0 : even - rack.Count(), uses is [var first, ..] ? LoadWords.All[first.lane] : null, uses is [var tight, ..] ? tight.used : null);
            }),
        ];
    }

    private static BrokerLanes[] Living(ImmutableArray<BrokerLanes> brokers) => [.. brokers.Where(broker => broker.State != "dead")];

    private static double Used(BrokerLanes broker, int lane) => broker.Limit[lane] > 0 ? broker.After[lane] / broker.Limit[lane] : double.NaN;

    private static BottleneckDto Make(string kind, string name, int lane, double used) => new(
        kind,
        name,
        LoadWords.All[lane],
        used,
        used > 1 ? StatusWord.Crit : used > Warn ? StatusWord.Warn : StatusWord.Ok,
        string.Create(CultureInfo.InvariantCulture, $"{LoadWords.All[lane]} of {kind} {name} would be at {used * 100:0} % of what goals allow."));
}
