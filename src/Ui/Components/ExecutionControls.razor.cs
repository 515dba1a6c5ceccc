using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Format;
using ControlPlane.Ui.Layout;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>What a person can do to a running execution.</summary>
public sealed partial class ExecutionControls
{
    private bool _isBusy;

    [Parameter, EditorRequired] public ExecutionDto Execution { get; set; } = null!;

    [Parameter] public bool IsBrief { get; set; }

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    [Inject] private DialogService Dialogs { get; set; } = null!;

    [Inject] private NotificationService Notices { get; set; } = null!;

    [Inject] private Frame Frame { get; set; } = null!;

    private bool IsDenied => _isBusy || !Frame.Can(Role.Operator);

    private async Task LimitAsync()
    {
        if (await Dialogs.OpenAsync<LimitsForm>("Slow down or speed up", new() { [nameof(LimitsForm.Execution)] = Execution }, DialogSize.Narrow) is true)
        {
            await Frame.BeatAsync();
        }
    }

    // Stopping new moves and going on need no question: each undoes the other, and in an emergency one click is what there is time for.
    private Task PauseAsync() => OnceAsync(() => Api.PauseExecutionAsync(Execution.Cluster, Execution.Id, new(null), CancellationToken.None), "No new move begins");

    private Task ResumeAsync() => OnceAsync(() => Api.ResumeExecutionAsync(Execution.Cluster, Execution.Id, new(null), CancellationToken.None), "The execution goes on");

    private async Task OnceAsync(Func<Task> attempt, string done)
    {
        if (_isBusy)
        {
            return;
        }

        _isBusy = true;
        try
        {
            await Notices.TryAsync(attempt, done);
        }
        finally
        {
            _isBusy = false;
        }

        await Frame.BeatAsync();
    }

    private async Task CancelAsync()
    {
        var left = Execution.MovesTotal - Execution.MovesDone;
        var question = new AskQuestion(
            "Cancel this execution",
            $"{Show.Number(Execution.MovesDone)} of {Show.Plural(Execution.MovesTotal, "move")} are done and stay as they are. {Show.Plural(Execution.MovesRunning, "move")} in flight, {Show.Number(Math.Max(0, left - Execution.MovesRunning))} not begun and dropped. Throttles set for it are removed.",
            "Cancel the execution",
            (mode, reason) => Api.CancelExecutionAsync(Execution.Cluster, Execution.Id, new(mode, reason), CancellationToken.None))
        {
            IsDanger = true,
            Choices =
            [
                new("finish-in-flight", "Stop after what is in flight", "What moves now ends its move: nothing copied is lost, but copying goes on until then."),
                new("revert-in-flight", "Revert what is in flight", "What moves now goes back to its old replicas at once: the load ends soonest, what was copied of it is lost."),
            ],
        };
        if (await question.AskAsync(Dialogs))
        {
            await Frame.BeatAsync();
        }
    }
}
