using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Format;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>What the dialog about a group's offsets is for.</summary>
public enum GroupAction
{
    Reset,
    Forget,
    Delete,
}

/// <summary>Previews a change of a group's offsets whenever the wish changes, and does what was previewed once its name is typed.</summary>
public sealed partial class GroupChangeForm
{
    private string _to = "earliest", _topic = "", _typed = "", _reason = "";
    private DateTime? _at;
    private long? _shift = -1_000;
    private int _asked;
    private bool _isBusy;
    private GroupChangeDto? _preview, _done;
    private ApiProblem? _problem;

    [Parameter, EditorRequired] public string Cluster { get; set; } = "";

    [Parameter, EditorRequired] public GroupDetailDto Detail { get; set; } = null!;

    [Parameter, EditorRequired] public GroupAction Action { get; set; }

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    [Inject] private DialogService Dialogs { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    private IEnumerable<string> Topics => (Detail.Partitions ?? []).Where(row => row.CommittedOffset is not null).Select(row => row.Topic).Distinct(StringComparer.Ordinal);

    /// <summary>Partitions that would be another after it.</summary>
    private int Moves => _preview?.Partitions.Count(row => Action != GroupAction.Reset || (row.Target is not null && row.Target != row.Committed)) ?? 0;

    private bool IsReady =>
        !_isBusy && _preview is { Obstacle: null } && (Moves > 0 || Action == GroupAction.Delete)
        && string.Equals(_typed, Detail.Group.Id, StringComparison.Ordinal) && _reason.Trim().Length > 0;

    private string Verb => Action switch
    {
        GroupAction.Reset => $"Set {Show.Plural(Moves, "offset")}",
        GroupAction.Forget => $"Forget {Show.Plural(Moves, "offset")}",
        _ => "Delete the group",
    };

    private IReadOnlyList<string>? Scope => _topic.Length > 0 ? [_topic] : null;

    protected override async Task OnInitializedAsync()
    {
        _at = Time.GetUtcNow().UtcDateTime.AddHours(-1);
        _topic = Action == GroupAction.Forget ? Topics.FirstOrDefault() ?? "" : "";
        await PreviewAsync();
    }

    private async Task PreviewAsync()
    {
        var asked = ++_asked;
        (_preview, _problem) = (null, null);
        if (_to == "shift" && _shift is null or 0)
        {
            return;
        }

        try
        {
            var preview = await SendAsync(dryRun: true);
            if (asked == _asked)
            {
                _preview = preview; // an answer to an older wish must not stand under a newer one
            }
        }
        catch (ApiProblemException exception) when (asked == _asked)
        {
            _problem = exception.Problem;
        }
        catch (ApiProblemException)
        {
            // of a wish that is no longer asked
        }
    }

    private async Task DoAsync()
    {
        if (!IsReady)
        {
            return;
        }

        (_isBusy, _problem) = (true, null);
        try
        {
            _done = await SendAsync(dryRun: false);
        }
        catch (ApiProblemException exception)
        {
            _problem = exception.Problem;
        }
        finally
        {
            _isBusy = false;
        }
    }

    /// <summary>The change itself names each target and what must still be committed, so that it is what was seen or nothing.</summary>
    private Task<GroupChangeDto> SendAsync(bool dryRun)
    {
        var (group, reason) = (Detail.Group.Id, dryRun ? null : _reason.Trim());
        return Action switch
        {
            GroupAction.Reset when dryRun => Api.ResetOffsetsAsync(Cluster, group, new(_to, _to == "timestamp" && _at is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null, _to == "shift" ? _shift : null, Scope), CancellationToken.None),
            GroupAction.Reset => Api.ResetOffsetsAsync(Cluster, group, new("offsets", Offsets: Targets(), DryRun: false, Reason: reason), CancellationToken.None),
            GroupAction.Forget => Api.ForgetOffsetsAsync(Cluster, group, new(Scope ?? [], dryRun, reason), CancellationToken.None),
            _ => Api.DeleteGroupAsync(Cluster, group, new(dryRun, reason), CancellationToken.None),
        };
    }

    private List<OffsetTargetDto> Targets() =>
        [.. _preview!.Partitions.Where(row => row.Target is not null && row.Target != row.Committed).Select(row => new OffsetTargetDto(row.Topic, row.Partition, row.Target!.Value, row.Committed))];
}
