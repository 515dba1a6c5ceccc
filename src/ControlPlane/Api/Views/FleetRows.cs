using ControlPlane.Contracts;

namespace ControlPlane.Api.Views;

/// <summary>Rows of the fleet, sorted and searched per request: a fleet has hundreds of clusters, not thousands.</summary>
internal sealed class FleetRows
{
    public static readonly SortFields<FleetRows> Fields = new(
        SortFields<FleetRows>.Number("status", (rows, row) => Known.Urgency(rows._all[row].Status)),
        SortFields<FleetRows>.Word("id", (rows, row) => rows._all[row].Id),
        SortFields<FleetRows>.Word("displayName", (rows, row) => rows._all[row].DisplayName),
        SortFields<FleetRows>.Word("kind", (rows, row) => rows._all[row].Kind.ToString()),
        SortFields<FleetRows>.Word("release", (rows, row) => rows._all[row].Release),
        SortFields<FleetRows>.Word("owner", (rows, row) => rows._all[row].Owner),
        SortFields<FleetRows>.Number("dataAgeSeconds", (rows, row) => rows._all[row].DataAgeSeconds ?? double.NaN),
        SortFields<FleetRows>.Number("brokersUp", (rows, row) => rows._all[row].BrokersUp ?? double.NaN),
        SortFields<FleetRows>.Number("brokers", (rows, row) => rows._all[row].Brokers ?? double.NaN),
        SortFields<FleetRows>.Number("topics", (rows, row) => rows._all[row].Topics ?? double.NaN),
        SortFields<FleetRows>.Number("partitions", (rows, row) => rows._all[row].Partitions ?? double.NaN),
        SortFields<FleetRows>.Number("offlinePartitions", (rows, row) => rows._all[row].OfflinePartitions ?? double.NaN),
        SortFields<FleetRows>.Number("underMinInSync", (rows, row) => rows._all[row].UnderMinInSync ?? double.NaN),
        SortFields<FleetRows>.Number("underReplicated", (rows, row) => rows._all[row].UnderReplicated ?? double.NaN),
        SortFields<FleetRows>.Number("bytesIn", (rows, row) => rows._all[row].BytesIn ?? double.NaN),
        SortFields<FleetRows>.Number("bytesOut", (rows, row) => rows._all[row].BytesOut ?? double.NaN),
        SortFields<FleetRows>.Number("messagesIn", (rows, row) => rows._all[row].MessagesIn ?? double.NaN),
        SortFields<FleetRows>.Number("diskFullestRatio", (rows, row) => rows._all[row].DiskFullestRatio ?? double.NaN),
        SortFields<FleetRows>.Number("groups", (rows, row) => rows._all[row].Groups ?? double.NaN),
        SortFields<FleetRows>.Number("worstGroupLag", (rows, row) => rows._all[row].WorstGroupLag ?? double.NaN),
        SortFields<FleetRows>.Number("completeness", (rows, row) => rows._all[row].Completeness ?? double.NaN));

    private readonly ClusterSummaryDto[] _all;

    public FleetRows(IEnumerable<ClusterSummaryDto> all) => _all = [.. all.OrderBy(row => row.Id, StringComparer.Ordinal)];

    public (List<ClusterSummaryDto> Items, int Total) Page(Paging paging, string? search) =>
        new SortedRows<FleetRows>(this, _all.Length, Fields).Page(paging, search is null ? null : row => Matches(_all[row], search), row => _all[row]);

    private static bool Matches(ClusterSummaryDto row, string search) =>
        row.Id.Contains(search, StringComparison.OrdinalIgnoreCase)
        || row.DisplayName.Contains(search, StringComparison.OrdinalIgnoreCase)
        || row.Labels.Any(label => label.Key.Contains(search, StringComparison.OrdinalIgnoreCase) || label.Value.Contains(search, StringComparison.OrdinalIgnoreCase));
}
