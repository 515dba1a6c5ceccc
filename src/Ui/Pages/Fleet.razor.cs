using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Pages;

/// <summary>All clusters, one row each, worst first.</summary>
public sealed partial class Fleet
{
    private const string Q = "q";

    private LoadState<Page<ClusterSummaryDto>> _clusters = new();

    [Inject] private DialogService Dialogs { get; set; } = null!;

    internal static string? RowCss(StatusWord status) => status switch { StatusWord.Crit => "row-crit", StatusWord.Warn => "row-warn", _ => null };

    internal static string? Ratio(int? part, int? whole) => part is null || whole is null ? null : $"{Show.Number(part)}/{Show.Number(whole)}";

    protected override async Task LoadAsync(CancellationToken visit)
    {
        var query = DataTable<ClusterSummaryDto>.QueryOf(Frame);
        _clusters = await FetchAsync("clusters", _clusters, token => Api.GetClustersAsync(query, token), visit);
    }

    private async Task AddAsync()
    {
        if (await Dialogs.OpenAsync<ClusterForm>("Add a cluster", options: DialogSize.Wide) is string added)
        {
            Frame.Go(Frame.Link("c", added));
        }
    }

    private static StatusWord Worst(Page<ClusterSummaryDto> fleet) => fleet.Items.Count == 0 ? StatusWord.Unknown : fleet.Items.Select(row => row.Status).MaxBy(Show.Severity);

    private static string SentenceOf(Page<ClusterSummaryDto> fleet)
    {
        var parts = fleet.Items.GroupBy(row => row.Status).OrderByDescending(group => Show.Severity(group.Key)).Select(group => $"{Show.Number(group.Count())} {Show.Word(group.Key)}");
        var scope = fleet.Items.Count < fleet.Total ? $"Of the {Show.Number(fleet.Items.Count)} worst of {Show.Plural(fleet.Total, "cluster")}" : Show.Plural(fleet.Total, "cluster");
        return $"{scope}: {string.Join(", ", parts)}.";
    }
}
