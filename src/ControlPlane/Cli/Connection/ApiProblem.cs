using System.Net;
using System.Text.Json;

namespace ControlPlane.Cli.Connection;

/// <summary>Turns a refused request (problem+json, or whatever came instead) into an error for people.</summary>
internal static class ApiProblem
{
    public static async Task<CliException> ReadAsync(HttpResponseMessage response, Uri url, CancellationToken cancellationToken)
    {
        var problem = await TryReadAsync(response, cancellationToken);
        var status = $"{(int)response.StatusCode}";
        if (problem is not { } body)
        {
            return response.StatusCode == HttpStatusCode.Unauthorized
                ? new CliException($"{url} does not accept the token", "a token that is neither revoked nor expired", "start ./run again, or create one: kcp tokens create")
                : new CliException($"{url} answered {status} {response.ReasonPhrase} to {response.RequestMessage?.RequestUri?.AbsolutePath}", "an answer of the native API", "check --url: is that the control plane?");
        }

        var title = Text(body, "title") ?? $"The control plane answered {status}";
        var fields = Fields(body).ToList();
        // The detail of a validation repeats its fields.
        string[] detail = fields.Count == 0 && Text(body, "detail") is { } text ? [text] : [];
        return new CliException(title, null, Text(body, "nextStep") ?? NextFor(response.StatusCode)) { Details = [.. detail, .. fields] };
    }

    private static async Task<JsonElement?> TryReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
        {
            return null;
        }

        try
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static IEnumerable<string> Fields(JsonElement body)
    {
        if (!body.TryGetProperty("errors", out var errors) || errors.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var field in errors.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Array))
        {
            foreach (var message in field.Value.EnumerateArray())
            {
                yield return $"{field.Name}: {message}";
            }
        }
    }

    private static string? NextFor(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "start ./run again, or use another token",
        HttpStatusCode.Forbidden => "use a token with a higher role (kcp tokens list)",
        HttpStatusCode.NotFound => "list what there is: kcp clusters list",
        HttpStatusCode.PreconditionFailed => "somebody else changed it meanwhile: look at it and try again",
        HttpStatusCode.TooManyRequests => "wait a minute",
        _ => null,
    };
}
