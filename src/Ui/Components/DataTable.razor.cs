using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Format;
using ControlPlane.Ui.Layout;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.JSInterop;

namespace ControlPlane.Ui.Components;

/// <summary>
/// The one table. Either all rows are here (<see cref="Items"/>), or they come in parts from the API (<see cref="First"/> and
/// <see cref="Source"/>). Filter, order and hidden columns are in the address, under <see cref="Prefix"/> where a page has several.
/// </summary>
public sealed partial class DataTable<TItem>
    where TItem : class
{
    /// <summary>Up to here all rows are drawn; more are drawn as they scroll into view.</summary>
    private const int Plain = ListQuery.PageSize;

    private readonly List<Column<TItem>> _columns = [];
    private IReadOnlyList<TItem> _all = [];
    private IReadOnlyList<TItem> _first = [];
    private Virtualize<TItem>? _virtual;
    private ApiProblem? _problem;
    private int _total;
    private Page<TItem>? _shownFirst;
    private bool _isFilterRowOpen;

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    [Parameter, EditorRequired] public RenderFragment Columns { get; set; } = null!;

    [Parameter, EditorRequired] public Func<TItem, object> Key { get; set; } = item => item;

    /// <summary>All rows.</summary>
    [Parameter] public IReadOnlyList<TItem>? Items { get; set; }

    /// <summary>The first part, for the filter and order that the address says.</summary>
    [Parameter] public Page<TItem>? First { get; set; }

    /// <summary>Fetches further parts.</summary>
    [Parameter] public Func<ListQuery, CancellationToken, Task<Page<TItem>>>? Source { get; set; }

    /// <summary>Where a row leads, as a real address.</summary>
    [Parameter] public Func<TItem, string?>? Link { get; set; }

    [Parameter] public Func<TItem, string?>? RowCss { get; set; }

    [Parameter] public RenderFragment? Tools { get; set; }

    [Parameter] public RenderFragment? Empty { get; set; }

    [Parameter] public string Prefix { get; set; } = "";

    [Parameter] public string TestId { get; set; } = "table";

    [Inject] private Frame Frame { get; set; } = null!;

    [Inject] private IJSRuntime Js { get; set; } = null!;

    private string Filter => Frame.Get($"{Prefix}q") ?? "";

    private string? Sort => Frame.Get($"{Prefix}sort");

    /// <summary>All rows are here, so that they can be filtered by any column.</summary>
    private bool IsWhole => Items is not null || First is null || First.Items.Count == First.Total;

    private bool HasColumnFilters => _columns.Exists(column => FilterOf(column).Length > 0);

    private bool CanFilterColumns => HasColumnFilters || (IsWhole && (Items?.Count ?? First?.Total ?? 0) > 1);

    private bool ShowsFilters => (_isFilterRowOpen && IsWhole) || HasColumnFilters;

    private IReadOnlyList<Column<TItem>> Visible => [.. _columns.Where(column => !IsHidden(column))];

    private string CountText => Items is not null && _total < Items.Count ? $"{Show.Number(_total)} of {Show.Number(Items.Count)}" : Show.Number(_total)!;

    /// <summary>What a page must ask the API for to fill <see cref="First"/>.</summary>
    public static ListQuery QueryOf(Frame frame, string prefix = "", params (string Name, string? Value)[] filters) =>
        new(frame.Get($"{prefix}q"), frame.Get($"{prefix}sort"), Filters: filters.ToDictionary(filter => filter.Name, filter => filter.Value, StringComparer.Ordinal));

    internal void Add(Column<TItem> column) => _columns.Add(column);

    protected override async Task OnParametersSetAsync()
    {
        Arrange();
        if (_virtual is not null && (Items is not null || !ReferenceEquals(First, _shownFirst)))
        {
            _shownFirst = First;
            await _virtual.RefreshDataAsync();
        }

        _shownFirst = First;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && ((Items is not null && (Sort is not null || Filter.Length > 0)) || HasColumnFilters))
        {
            Arrange(); // the columns, which know how to order and search, are here only now
            StateHasChanged();
        }
    }

    private void Arrange()
    {
        if (Items is null)
        {
            (_first, _total) = (First?.Items ?? [], First?.Total ?? 0);
            if (IsWhole && HasColumnFilters)
            {
                _first = [.. _first.Where(PassesColumns)];
                _total = _first.Count;
            }

            return;
        }

        var found = Filter.Length == 0 || _columns.Count == 0
            ? Items
            : [.. Items.Where(item => _columns.Exists(column => (column.Raw(item) ?? "").Contains(Filter, StringComparison.OrdinalIgnoreCase)))];
        found = HasColumnFilters ? [.. found.Where(PassesColumns)] : found;
        var isDown = Sort?.StartsWith('-') == true;
        if (Sort is { } sort && _columns.Find(column => string.Equals(column.Name, sort.TrimStart('-'), StringComparison.Ordinal))?.Order is { } order)
        {
            // What is not known goes last either way: it is neither small nor large.
            var known = found.Where(item => order(item) is not null);
            found = [.. isDown ? known.OrderByDescending(order) : known.OrderBy(order), .. found.Where(item => order(item) is null)];
        }

        (_all, _total) = (found, found.Count);
        _first = found.Count > Plain ? [.. found.Take(Plain)] : found;
    }

    private async ValueTask<ItemsProviderResult<TItem>> ProvideAsync(ItemsProviderRequest request)
    {
        if (Items is not null)
        {
            return new(_all.Skip(request.StartIndex).Take(request.Count), _all.Count);
        }

        if (request.StartIndex + request.Count <= _first.Count || Source is null)
        {
            return new(_first.Skip(request.StartIndex).Take(request.Count), _total);
        }

        try
        {
            var part = await Source(new(Filter.Length == 0 ? null : Filter, Sort, request.StartIndex, Math.Clamp(request.Count, 1, ListQuery.Largest)), request.CancellationToken);
            _problem = null;
            return new(part.Items, part.Total);
        }
        catch (ApiProblemException exception)
        {
            _problem = exception.Problem;
            await InvokeAsync(StateHasChanged);
            return new([], _total);
        }
    }

    private void ClearFilter() => Frame.Set([($"{Prefix}q", null), .. _columns.Select(column => (FilterName(column), (string?)null))]);

    private string FilterName(Column<TItem> column) => $"{Prefix}f.{column.Name}";

    private string FilterOf(Column<TItem> column) => Frame.Get(FilterName(column)) ?? "";

    private bool PassesColumns(TItem item) => _columns.TrueForAll(column => ColumnFilter.Matches(FilterOf(column), column.Raw(item)));

    private void ToggleFilters()
    {
        _isFilterRowOpen = !ShowsFilters;
        if (!_isFilterRowOpen && HasColumnFilters)
        {
            Frame.Set([.. _columns.Select(column => (FilterName(column), (string?)null))]); // a filter that is not seen must not filter
        }
    }

    /// <summary>First click: the natural order of the kind (largest number, first letter); second: the other way; third: as it came.</summary>
    private void SortBy(Column<TItem> column)
    {
        var (first, second) = column.IsNumber ? ($"-{column.Name}", column.Name) : (column.Name, $"-{column.Name}");
        Frame.Set(($"{Prefix}sort", string.Equals(Sort, first, StringComparison.Ordinal) ? second : string.Equals(Sort, second, StringComparison.Ordinal) ? null : first));
    }

    private bool IsSorted(Column<TItem> column) => string.Equals(Sort?.TrimStart('-'), column.Name, StringComparison.Ordinal);

    private string Arrow(Column<TItem> column) => !IsSorted(column) ? "" : Sort!.StartsWith('-') ? "↓" : "↑";

    private string? AriaSort(Column<TItem> column) => column.Order is null ? null : !IsSorted(column) ? "none" : Sort!.StartsWith('-') ? "descending" : "ascending";

    /// <summary>In the address stand the columns that differ from what the page shows by itself.</summary>
    private string[] Flipped => (Frame.Get($"{Prefix}cols") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    private bool IsHidden(Column<TItem> column) => column.IsHidden ^ Flipped.Contains(column.Name, StringComparer.Ordinal);

    private void Toggle(Column<TItem> column)
    {
        var flipped = Flipped;
        Frame.Set(($"{Prefix}cols", string.Join(',', flipped.Contains(column.Name, StringComparer.Ordinal) ? flipped.Where(name => name != column.Name) : [.. flipped, column.Name])));
    }

    private async Task ExportAsync(bool isFile)
    {
        try
        {
            var rows = await Csv.AllAsync(Items is null ? _first : _all, Items is not null || Source is null || (IsWhole && HasColumnFilters), _first, _total, (offset, limit) => Source!(new(Filter.Length == 0 ? null : Filter, Sort, offset, limit), CancellationToken.None));
            var columns = Visible;
            var text = Csv.Write([.. columns.Select(column => column.Title)], rows.Select(row => columns.Select(column => column.Raw(row))), isFile ? ',' : '\t');
            await (isFile ? Js.InvokeVoidAsync("kcp.save", $"{Title.ToLowerInvariant().Replace(' ', '-')}.csv", text) : Js.InvokeVoidAsync("kcp.copy", text));
        }
        catch (ApiProblemException exception)
        {
            _problem = exception.Problem;
        }
    }
}
