using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ControlPlane.Ui.Layout;

/// <summary>Ctrl K: go to any cluster, page, topic or group by typing a part of its name. Also the list of keys.</summary>
public sealed partial class Palette : IDisposable
{
    private const int Most = 8;

    private static readonly (string Keys, string What)[] Keys =
    [
        ("Ctrl K", "search and go anywhere"), ("/", "filter the table"), ("j k", "next, previous row"), ("Enter", "open the row"),
        ("g o", "overview"), ("g b", "brokers"), ("g t", "topics"), ("g p", "partitions"), ("g g", "groups"), ("g f", "fleet"),
        ("g i", "incidents and anomalies"), ("g r", "plans"), ("g x", "executions"), ("g h", "healing"), ("g m", "heatmap"), ("g e", "rebalance: ask for a plan"), ("g c", "capacity and what-if"), ("g a", "alerts sent"), ("p", "pause or resume healing"),
        ("[ ]", "earlier, later"), ("y", "copy the link to this view"), ("Esc", "close, leave the filter"), ("?", "this list"),
    ];

    private bool _isOpen;
    private bool _isHelp;
    private string _text = "";
    private IReadOnlyList<Hit> _found = [];
    private CancellationTokenSource _search = new();

    [Inject] private Frame Frame { get; set; } = null!;

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    [Inject] private IJSRuntime Js { get; set; } = null!;

    protected override void OnInitialized() => (Frame.PaletteOpened, Frame.HelpOpened) = (() => Open(isHelp: false), () => Open(isHelp: true));

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_isOpen && _text.Length == 0)
        {
            await Js.InvokeVoidAsync("kcp.focus", ".palette input");
        }
        else if (_isHelp)
        {
            await Js.InvokeVoidAsync("kcp.focus", ".palette button");
        }
    }

    private void Open(bool isHelp)
    {
        (_isOpen, _isHelp, _text, _found) = (!isHelp, isHelp, "", []);
        StateHasChanged();
    }

    private void Close() => (_isOpen, _isHelp) = (false, false);

    private IEnumerable<Hit> Hits() => Pages().Concat(Clusters()).Where(hit => hit.Name.Contains(_text, StringComparison.OrdinalIgnoreCase)).Take(Most + 4).Concat(_found);

    private IEnumerable<Hit> Pages()
    {
        if (Frame.Cluster is { } cluster)
        {
            yield return new("Overview", "page", "overview", Frame.Link("c", cluster));
            foreach (var section in new[] { "brokers", "topics", "partitions", "groups", "anomalies", "plans", "executions", "healing", "heatmap", "rebalance", "capacity" })
            {
                yield return new(char.ToUpperInvariant(section[0]) + section[1..], "page", section == "healing" ? "heal" : section, Frame.Link("c", cluster, section));
            }
        }

        yield return new("Fleet", "page", "fleet", Frame.Link());
        yield return new("Anomalies of all clusters", "page", "anomalies", Frame.Link("anomalies"));
        yield return new("Alerts sent", "page", "deliveries", Frame.Link("deliveries"));
        yield return new("Alert targets", "page", "deliveries", Frame.Link("alert-targets"));
        yield return new("Audit", "page", "audit", Frame.Link("audit"));
        yield return new("Admin", "page", "admin", Frame.Link("admin"));
    }

    private IEnumerable<Hit> Clusters() => Frame.Fleet.Select(cluster => new Hit(cluster.DisplayName, "cluster", "fleet", Frame.Link("c", cluster.Id)));

    private async Task SearchAsync()
    {
        await _search.CancelAsync();
        _search = new();
        if (Frame.Cluster is not { } cluster || _text.Length < 2)
        {
            _found = [];
            return;
        }

        try
        {
            var query = new ListQuery(_text, Limit: Most);
            var (topics, groups) = (Api.GetTopicsAsync(cluster, query, _search.Token), Api.GetGroupsAsync(cluster, query, _search.Token));
            await Task.WhenAll(topics, groups);
            _found =
            [
                .. (await topics).Items.Select(topic => new Hit(topic.Name, "topic", "topics", Frame.Link("c", cluster, "topics", topic.Name))),
                .. (await groups).Items.Select(group => new Hit(group.Id, "group", "groups", Frame.Link("c", cluster, "groups", group.Id))),
            ];
        }
        catch (Exception exception) when (exception is ApiProblemException or OperationCanceledException)
        {
            _found = []; // pages and clusters are still found
        }
    }

    public void Dispose()
    {
        _search.Cancel();
        (Frame.PaletteOpened, Frame.HelpOpened) = (null, null);
    }

    private sealed record Hit(string Name, string Kind, string Icon, string Address);
}
