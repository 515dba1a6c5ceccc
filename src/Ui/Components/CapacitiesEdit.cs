using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Components;

/// <summary>What the networks of the brokers carry, while it is typed: in MB/s, exceptions one a line as "broker: in, out"; ? is unknown.</summary>
public sealed class CapacitiesEdit(ClusterCapacitiesDto before)
{
    private const double Most = 1e9;

    public ClusterCapacitiesDto Before => before;

    public string NetworkIn { get; set; } = Text(before.NetworkIn);

    public string NetworkOut { get; set; } = Text(before.NetworkOut);

    public string Brokers { get; set; } = string.Join('\n', before.Brokers.Select(row => $"{row.BrokerId}: {Part(row.NetworkIn)}, {Part(row.NetworkOut)}"));

    public bool IsChanged => (NetworkIn.Trim(), NetworkOut.Trim(), Brokers.Trim()) is var now && now != new CapacitiesEdit(before).Texts;

    private (string In, string Out, string Brokers) Texts => (NetworkIn, NetworkOut, Brokers);

    public static string? RateError(string text) => text.Trim().Length == 0 || Rate(text) is not null ? null : "A number above 0 is needed, in MB/s; empty where it is not known";

    public string? BrokersError()
    {
        var rows = PlanLists.Split(Brokers).Select(Row).ToList();
        return rows.Contains(null) ? "One a line, broker, in and out in MB/s: 5: 250, 125; ? where it is not known"
            : rows.GroupBy(row => row!.BrokerId).FirstOrDefault(same => same.Count() > 1) is { } twice ? $"Broker {twice.Key} stands there twice" : null;
    }

    public bool IsSound => RateError(NetworkIn) is null && RateError(NetworkOut) is null && BrokersError() is null;

    /// <summary>Only while it is sound.</summary>
    public ClusterCapacitiesRequest Request() => new(Rate(NetworkIn), Rate(NetworkOut), [.. PlanLists.Split(Brokers).Select(Row).OfType<BrokerCapacityDto>()]);

    private static BrokerCapacityDto? Row(string line) =>
        line.Split(':', 2) is [var id, var rates]
        && int.TryParse(id.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var broker)
        && rates.Split(',') is [var into, var outOf] && IsPart(into) && IsPart(outOf)
            ? new(broker, Rate(into), Rate(outOf))
            : null;

    private static bool IsPart(string text) => text.Trim() == "?" || Rate(text) is not null;

    private static double? Rate(string text) =>
        double.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= Most ? value * 1e6 : null;

    private static string Text(double? rate) => rate is { } known ? Show.Raw(known / 1e6)! : "";

    private static string Part(double? rate) => rate is null ? "?" : Text(rate);
}
