using Microsoft.AspNetCore.Components;

namespace ControlPlane.Ui.Components;

/// <summary>Declares one column of a <see cref="DataTable{TItem}"/>; draws nothing itself.</summary>
public sealed class Column<TItem> : ComponentBase
    where TItem : class
{
    [CascadingParameter] internal DataTable<TItem> Table { get; set; } = null!;

    /// <summary>Field of the DTO: the key for sorting, for hiding and for CSV.</summary>
    [Parameter, EditorRequired] public string Name { get; set; } = "";

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>The value as plain text for CSV, copy and local filtering; all digits, null where unknown.</summary>
    [Parameter, EditorRequired] public Func<TItem, string?> Raw { get; set; } = _ => null;

    /// <summary>The value as a person reads it; <see cref="Raw"/> where not given.</summary>
    [Parameter] public Func<TItem, string?>? Text { get; set; }

    [Parameter] public RenderFragment<TItem>? Cell { get; set; }

    /// <summary>Why a value may be missing, shown on its em dash.</summary>
    [Parameter] public string Why { get; set; } = "Not known";

    [Parameter] public bool IsNumber { get; set; }

    [Parameter] public bool IsWrapped { get; set; }

    [Parameter] public bool IsHidden { get; set; }

    /// <summary>What to order by where all rows are here; with a server source any value that is not null says "sortable".</summary>
    [Parameter] public Func<TItem, IComparable?>? Order { get; set; }

    /// <summary>For the footer, where all rows are here.</summary>
    [Parameter] public Func<IReadOnlyList<TItem>, string?>? Total { get; set; }

    [Parameter] public string? Hint { get; set; }

    internal string? Show(TItem item) => Text is null ? Raw(item) : Text(item);

    protected override void OnInitialized() => Table.Add(this);
}
