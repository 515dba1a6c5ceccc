using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>How much can go wrong. Low asks nothing, medium asks in a dialog, high has the name typed and a reason given.</summary>
public enum RiskTier
{
    Low,
    Medium,
    High,
}

/// <summary>What is about to happen.</summary>
/// <param name="Verb">Label of the button, such as "Remove cluster".</param>
/// <param name="Name">What has to be typed at the high tier.</param>
/// <param name="Lines">The difference, line by line.</param>
public sealed record ConfirmQuestion(RiskTier Tier, string Title, string Sentence, string Verb, string Name, IReadOnlyList<string> Lines)
{
    /// <summary>The reason given (may be empty) where confirmed, null where not.</summary>
    public async Task<string?> AskAsync(DialogService dialogs) => Tier == RiskTier.Low
        ? ""
        : await dialogs.OpenAsync<Confirm>(Title, new() { [nameof(Confirm.Question)] = this }, DialogSize.Narrow) as string;
}
