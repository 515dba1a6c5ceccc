using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace ControlPlane.Ui.Layout;

/// <summary>What all parts of one visit share: the address with its view state, the visitor, the fleet, and the beat on which pages renew themselves.</summary>
public sealed class Frame(NavigationManager navigation, TimeProvider time)
{
    /// <summary>These travel from page to page; everything else in the query belongs to one page.</summary>
    private static readonly string[] Carried = ["from", "to", "tz", "refresh"];

    /// <summary>Tells the browser to let a change go where the visitor is on another page by then.</summary>
    private const string SamePage = "same-page";

    private static readonly int[] Intervals = [0, 5, 15, 30, 60];

    private string? _heading;

    public SessionDto? Session { get; private set; }

    public IReadOnlyList<ClusterSummaryDto> Fleet { get; private set; } = [];

    /// <summary>Session or fleet changed.</summary>
    public event Action? Changed;

    /// <summary>Time to renew what is shown. Raised on the beat of the refresh control, by hand too.</summary>
    public event Func<Task>? Beat;

    public DateTimeOffset Now => time.GetUtcNow();

    public string Address => navigation.Uri;

    public string Path => new Uri(navigation.Uri).AbsolutePath;

    public TimeRange Range => Get("from") is null && Get("to") is null && TimeRange.Around(Get("at")) is { } moment ? moment : TimeRange.Parse(Get("from"), Get("to"), Now);

    public bool IsLocalTime => string.Equals(Get("tz"), "local", StringComparison.Ordinal);

    /// <summary>Seconds between beats; 0 is off.</summary>
    public int Interval => int.TryParse(Get("refresh"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && Intervals.Contains(seconds) ? seconds : 15;

    /// <summary>The cluster the address is about; null on pages of the whole fleet.</summary>
    public string? Cluster => Path.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["c", var cluster, ..] ? Uri.UnescapeDataString(cluster) : null;

    /// <summary>What people call a cluster; its id until the fleet is here.</summary>
    public string NameOf(string cluster) => Fleet.FirstOrDefault(one => string.Equals(one.Id, cluster, StringComparison.Ordinal))?.DisplayName ?? cluster;

    public bool Can(Role role) => Session is { } session && session.Role >= role;

    /// <summary>Why a control is disabled for this visitor; null where it is not.</summary>
    public string? Denied(Role role) => Can(role)
        ? null
        : $"Needs the role {role.ToString().ToLowerInvariant()}; you are {Session?.Role.ToString().ToLowerInvariant() ?? "not logged in"}. An admin can change that under Admin, Users.";

    public string? Get(string name) => QueryHelpers.ParseQuery(new Uri(navigation.Uri).Query).TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>The present address with some of its view state changed; null removes.</summary>
    public string With(params (string Name, string? Value)[] changes) =>
        navigation.GetUriWithQueryParameters(_heading ?? navigation.Uri, changes.ToDictionary(change => change.Name, object? (change) => string.IsNullOrEmpty(change.Value) ? null : change.Value, StringComparer.Ordinal));

    /// <summary>
    /// Changes view state in place: Back leaves the page, not the last letter of a filter. The browser goes there and says so later;
    /// changes made until then build on this one and not on the address that it replaces.
    /// </summary>
    public void Set(params (string Name, string? Value)[] changes)
    {
        var target = With(changes);
        if (string.Equals(target, _heading ?? navigation.Uri, StringComparison.Ordinal))
        {
            return;
        }

        if (_heading is null)
        {
            navigation.LocationChanged += OnArrived;
        }

        _heading = target;
        navigation.NavigateTo(target, new NavigationOptions { ReplaceHistoryEntry = true, HistoryEntryState = SamePage });
    }

    private void OnArrived(object? sender, LocationChangedEventArgs change)
    {
        if (string.Equals(change.Location, _heading, StringComparison.Ordinal) || !string.Equals(new Uri(change.Location).AbsolutePath, new Uri(_heading!).AbsolutePath, StringComparison.Ordinal))
        {
            navigation.LocationChanged -= OnArrived;
            _heading = null;
        }
    }

    public void Go(string target) => navigation.NavigateTo(target);

    /// <summary>An address within the product that keeps time range and refresh of this one. Segments are escaped.</summary>
    public string Link(params string[] segments) => Link(segments, []);

    public string Link(IEnumerable<string> segments, params (string Name, string? Value)[] query)
    {
        var parts = Carried.Select(name => new KeyValuePair<string, string?>(name, Get(name)))
            .Concat(query.Select(part => new KeyValuePair<string, string?>(part.Name, part.Value)));
        return "/" + string.Join('/', segments.Select(Uri.EscapeDataString)) + QueryText.Of(parts);
    }

    public void Enter(SessionDto? session, IReadOnlyList<ClusterSummaryDto>? fleet)
    {
        (Session, Fleet) = (session ?? Session, fleet ?? Fleet);
        Changed?.Invoke();
    }

    /// <summary>Set by the palette, called by whoever wants it open.</summary>
    public Action? PaletteOpened { get; set; }

    public Action? HelpOpened { get; set; }

    public void OpenPalette() => PaletteOpened?.Invoke();

    public void OpenHelp() => HelpOpened?.Invoke();

    public Task BeatAsync() => Beat is { } beat ? Task.WhenAll(beat.GetInvocationList().Cast<Func<Task>>().Select(one => one())) : Task.CompletedTask;
}
