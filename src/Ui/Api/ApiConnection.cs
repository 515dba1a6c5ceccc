using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ControlPlane.Ui.Api;

/// <summary>Makes one call of the API in the visitor's name and turns whatever goes wrong into an <see cref="ApiProblemException"/>.</summary>
internal sealed class ApiConnection(IHttpClientFactory clients, IApiAccess access)
{
    public const string ClientName = "control-plane-api";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, string? ifMatch, CancellationToken cancellationToken)
    {
        using var response = await ExchangeAsync(method, path, body, ifMatch, HttpCompletionOption.ResponseContentRead, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new JsonException("The answer is null.");
        }
        catch (JsonException exception)
        {
            throw new ApiProblemException(new((int)response.StatusCode, "The answer could not be read", $"{method} {path}: {exception.Message}", "Check that page and API are of the same version, then reload."), exception);
        }
    }

    public Task SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) => SendAsync(method, path, body, null, cancellationToken);

    public async Task SendAsync(HttpMethod method, string path, object? body, string? ifMatch, CancellationToken cancellationToken)
    {
        using var response = await ExchangeAsync(method, path, body, ifMatch, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    public async IAsyncEnumerable<T> ListenAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await ExchangeAsync(HttpMethod.Get, path, null, null, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var events = SseParser.Create(stream, static (_, data) => data.IsEmpty ? default : JsonSerializer.Deserialize<T>(data, Json));
        await foreach (var item in events.EnumerateAsync(cancellationToken))
        {
            if (item.Data is { } data)
            {
                yield return data;
            }
        }
    }

    private async Task<HttpResponseMessage> ExchangeAsync(HttpMethod method, string path, object? body, string? ifMatch, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(access.BaseAddress, $"/api/v1/{path}"));
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: Json);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        try
        {
            await access.AuthorizeAsync(request, cancellationToken);
            var response = await clients.CreateClient(ClientName).SendAsync(request, completion, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw new ApiProblemException(await ReadProblemAsync(response, cancellationToken));
            }
        }
        catch (HttpRequestException exception)
        {
            throw new ApiProblemException(new(null, "The control plane does not answer", $"{method} {path}: {exception.Message}", "Retry; if it stays so, look at the log of the process."), exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiProblemException(new(null, "The control plane took too long to answer", $"{method} {path}", "Retry, or narrow the filter."), exception);
        }
    }

    private static async Task<ApiProblem> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        try
        {
            var body = await response.Content.ReadFromJsonAsync<ProblemBody>(Json, cancellationToken);
            return new(status, body?.Title ?? Describe(response.StatusCode), body?.Detail, body?.NextStep, body?.TraceId, body?.Errors);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return new(status, Describe(response.StatusCode)); // a proxy's HTML page, or nothing
        }
    }

    private static string Describe(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "You are not logged in",
        HttpStatusCode.Forbidden => "Your role does not allow this",
        HttpStatusCode.NotFound => "It does not exist (any more)",
        HttpStatusCode.TooManyRequests => "Too many requests",
        HttpStatusCode.ServiceUnavailable => "The control plane is not ready",
        _ => $"The control plane answered {(int)status}",
    };

    private sealed record ProblemBody(string? Title, string? Detail, string? NextStep, string? TraceId, Dictionary<string, IReadOnlyList<string>>? Errors);
}
