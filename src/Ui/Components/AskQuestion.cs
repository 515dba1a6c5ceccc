using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>One of several ways to do what is asked about.</summary>
public sealed record AskChoice(string Value, string Word, string? Explanation = null);

/// <summary>What is about to happen. The dialog does it itself: where the API refuses, it stays open and says why.</summary>
/// <param name="Sentence">With numbers.</param>
/// <param name="Verb">Label of the button, such as "Move 214 replicas".</param>
/// <param name="Do">Takes the choice and the reason; null reason where none was given.</param>
public sealed record AskQuestion(string Title, string Sentence, string Verb, Func<string, string?, Task> Do)
{
    /// <summary>The facts or the difference, line by line.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>The first is chosen until another is.</summary>
    public IReadOnlyList<AskChoice> Choices { get; init; } = [];

    public bool IsDanger { get; init; }

    public bool NeedsReason { get; init; }

    /// <summary>Whether the API keeps a reason for it.</summary>
    public bool TakesReason { get; init; } = true;

    /// <summary>Whether it was done.</summary>
    public async Task<bool> AskAsync(DialogService dialogs) =>
        await dialogs.OpenAsync<Ask>(Title, new() { [nameof(Ask.Question)] = this }, DialogSize.Narrow) is true;
}
