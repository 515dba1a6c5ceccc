using ControlPlane.Ui.Api;
using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>Actions that need no dialog: what came of them is a notice.</summary>
internal static class Attempt
{
    /// <summary>Whether it was done; a refusal is shown with what to do about it.</summary>
    public static async Task<bool> TryAsync(this NotificationService notices, Func<Task> attempt, string done)
    {
        try
        {
            await attempt();
            notices.Notify(NotificationSeverity.Success, done);
            return true;
        }
        catch (ApiProblemException exception)
        {
            notices.Notify(NotificationSeverity.Error, exception.Problem.Title, exception.Problem.Sentence, 10_000);
            return false;
        }
    }
}
