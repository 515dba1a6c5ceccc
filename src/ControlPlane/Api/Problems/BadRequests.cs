using System.Text.Json;
using System.Text.RegularExpressions;

namespace ControlPlane.Api.Problems;

/// <summary>Explains what the framework refuses before an endpoint runs, without naming our types.</summary>
internal static partial class BadRequests
{
    public const int MaxBodyBytes = 1024 * 1024;

    private static readonly string[] Missing = ["The field is missing."];

    public static Problem Explain(BadHttpRequestException exception) => (exception.StatusCode, exception.InnerException) switch
    {
        (StatusCodes.Status413PayloadTooLarge, _) =>
            new Problem(413, "The body is too large", $"A request body may have at most {MaxBodyBytes} bytes.", "Send less; certificates are PEM text of some kilobytes.") { Code = "too-large" },
        (StatusCodes.Status415UnsupportedMediaType, _) =>
            new Problem(415, "Wrong content type", "The body must be JSON. Expected: the header Content-Type: application/json.", "Send the body as JSON with that header.") { Code = "wrong-content-type" },
        (_, JsonException json) => Explain(json),
        (StatusCodes.Status408RequestTimeout, _) =>
            new Problem(408, "The request came too slowly", "The body did not arrive in time.", "Send it again over a better connection.") { Code = "too-slow" },
        _ when exception.Message.Contains("body", StringComparison.OrdinalIgnoreCase) => ApiProblems.Invalid("body", "The request needs a JSON body. Expected: a JSON object; see GET /openapi/v1.json."),
        _ => new Problem(exception.StatusCode is >= 400 and < 500 ? exception.StatusCode : 400, "The request is not valid", "The server could not read the request.", "Check its syntax against GET /openapi/v1.json.") { Code = "bad-request" },
    };

    public static Problem Explain(JsonException exception)
    {
        var path = Field(exception.Path);
        if (exception.Message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            var unknown = Quoted().Match(exception.Message).Groups["name"].Value;
            var field = path == "body" || path.EndsWith(unknown, StringComparison.Ordinal) ? unknown : $"{path}.{unknown}";
            return ApiProblems.Invalid(field, "There is no such field. Remove it or correct its name; see GET /openapi/v1.json.");
        }

        if (exception.Message.Contains("missing required properties", StringComparison.Ordinal))
        {
            // The names are listed after the colon, quoted.
            var names = exception.Message[(exception.Message.IndexOf("including", StringComparison.Ordinal) is var at and >= 0 ? at : 0)..];
            var missing = Quoted().Matches(names).Select(match => match.Groups["name"].Value);
            return ApiProblems.Invalid(missing.ToDictionary(name => path == "body" ? name : $"{path}.{name}", _ => Missing, StringComparer.Ordinal));
        }

        return exception.Message.Contains("could not be converted", StringComparison.Ordinal) || exception.Message.Contains("doesn't allow", StringComparison.Ordinal)
            ? ApiProblems.Invalid(path, "The value has the wrong type or is not one of the allowed words; see GET /openapi/v1.json.")
            : ApiProblems.Invalid("body", $"The body is not JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).");
    }

    private static string Field(string? path) => path switch
    {
        null or "" or "$" => "body",
        _ when path.StartsWith("$.", StringComparison.Ordinal) => path[2..],
        _ => path.TrimStart('$'),
    };

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Quoted();
}
