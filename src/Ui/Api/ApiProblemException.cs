namespace ControlPlane.Ui.Api;

/// <summary>What the API answered instead of data.</summary>
/// <param name="Status">HTTP status; null where no answer came at all.</param>
/// <param name="FieldErrors">Of a form: field name to messages.</param>
public sealed record ApiProblem(
    int? Status,
    string Title,
    string? Detail = null,
    string? NextStep = null,
    string? TraceId = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? FieldErrors = null)
{
    public bool IsDenied => Status == 403;

    public bool IsMissing => Status == 404;

    public bool IsLoggedOut => Status == 401;

    /// <summary>Everything a person should read, in one sentence or two.</summary>
    public string Sentence => string.Join(' ', new[] { Title.TrimEnd('.') + ".", Detail, NextStep }.Where(part => !string.IsNullOrEmpty(part)));
}

/// <summary>The API refused a request, or could not be reached.</summary>
public sealed class ApiProblemException(ApiProblem problem, Exception? inner = null) : Exception(problem.Sentence, inner)
{
    public ApiProblem Problem { get; } = problem;
}
