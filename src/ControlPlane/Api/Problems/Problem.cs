using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Api.Problems;

/// <summary>
/// Every refusal of the API: what happened, where and what was expected, and what to do next. Thrown where an answer can't be
/// given from deep inside, returned everywhere else; one writer turns both into application/problem+json.
/// </summary>
internal sealed record Problem(int Status, string Title, string Detail, string NextStep)
{
    /// <summary>Short word for programs.</summary>
    public required string Code { get; init; }

    /// <summary>Field -> messages, for input that can't be accepted.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public IResult ToResult(HttpContext http)
    {
        if (RetryAfter is { } delay)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(Math.Max(1, delay.TotalSeconds))).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        http.Response.Headers.CacheControl = "no-store";
        // Not TypedResults.Problem: it would put another trace id over ours.
        return TypedResults.Json(ToDetails(http), statusCode: Status, contentType: "application/problem+json");
    }

    private ProblemDetails ToDetails(HttpContext http)
    {
        var details = new ProblemDetails { Status = Status, Title = Title, Detail = Detail, Type = $"urn:kcp:problem:{Code}", Instance = http.Request.Path };
        details.Extensions["nextStep"] = NextStep;
        details.Extensions["traceId"] = Correlation.Of(http);
        if (Errors is not null)
        {
            details.Extensions["errors"] = Errors;
        }

        return details;
    }
}

/// <summary>Carries a problem out of code that can't return it. Expected, so never logged as an error.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Title)
{
    public Problem Problem { get; } = problem;
}

/// <summary>The id that ties an answer, its log lines and its audit entry together.</summary>
internal static class Correlation
{
    public static string Of(HttpContext http) => System.Diagnostics.Activity.Current?.TraceId.ToHexString() is { } id && id.Trim('0').Length > 0 ? id : http.TraceIdentifier;
}
