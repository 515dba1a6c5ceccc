using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace ControlPlane.Cli.Connection;

/// <summary>The native API, over HTTP. Every failure comes out as a <see cref="CliException"/> that says what to do.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _url;

    public ApiClient(ApiTarget target)
    {
        _url = target.Url;
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), AutomaticDecompression = DecompressionMethods.All }, disposeHandler: true)
        {
            BaseAddress = new Uri(target.Url, "api/v1/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", target.Token);
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>One answer within this time, or the command gives up; streams have no such limit.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(60);

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        (await SendAsync<T>(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken)).Value;

    /// <summary>The answer with its ETag, to be sent back with an edit.</summary>
    public Task<(T Value, EntityTagHeaderValue? Tag)> GetTaggedAsync<T>(string path, CancellationToken cancellationToken) =>
        SendAsync<T>(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        (await SendAsync<T>(Request(method, path, body, null), cancellationToken)).Value;

    public async Task<T> ReplaceAsync<T>(string path, object body, EntityTagHeaderValue? tag, CancellationToken cancellationToken) =>
        (await SendAsync<T>(Request(HttpMethod.Put, path, body, tag), cancellationToken)).Value;

    public async Task SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = Request(method, path, body, null);
        using var response = await AnswerAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Writes the body of the answer as text as it comes, however long it is.</summary>
    public async Task CopyAsync(string path, TextWriter to, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Clear();
        using var response = await AnswerAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), System.Text.Encoding.UTF8);
        var buffer = new char[32 * 1024];
        try
        {
            for (var count = await reader.ReadAsync(buffer, cancellationToken); count > 0; count = await reader.ReadAsync(buffer, cancellationToken))
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        catch (Exception ex) when (ex is IOException or HttpRequestException)
        {
            throw new CliException($"{_url} broke off in the middle of {path}", "the whole answer", "repeat it; what was written so far is not whole", ex);
        }

        await to.FlushAsync(cancellationToken);
    }

    /// <summary>An open stream of server-sent events.</summary>
    public async Task<HttpResponseMessage> OpenStreamAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Clear();
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return await AnswerAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, string path, object? body, EntityTagHeaderValue? tag)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: Json.Options);
        }

        if (tag is not null)
        {
            request.Headers.IfMatch.Add(tag);
        }

        return request;
    }

    private async Task<(T Value, EntityTagHeaderValue? Tag)> SendAsync<T>(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var owned = request;
        using var response = await AnswerAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        try
        {
            var value = await response.Content.ReadFromJsonAsync<T>(Json.Options, cancellationToken);
            return value is null ? throw NotOurs(response, null) : (value, response.Headers.ETag);
        }
        catch (Exception ex) when (ex is JsonException or NotSupportedException)
        {
            throw NotOurs(response, ex);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, completion, limit.Token);
        }
        catch (HttpRequestException ex)
        {
            throw Unreachable(ex);
        }
        catch (OperationCanceledException ex) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"{_url} did not answer {request.Method} {request.RequestUri} within {AnswerLimit.TotalSeconds:0} s", "an answer", "look at the log and at /health/ready of the control plane", ex);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ApiProblem.ReadAsync(response, _url, cancellationToken);
        }
    }

    private CliException Unreachable(HttpRequestException ex)
    {
        var why = ex.InnerException is SocketException socket ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "its host name is unknown",
            SocketError.TimedOut => "connection timed out",
            _ => socket.Message,
        }
        : (ex.InnerException ?? ex).Message;
        return new CliException($"No control plane answers at {_url}: {why}", "a running control plane", "start one with ./run, or correct --url", ex);
    }

    private CliException NotOurs(HttpResponseMessage response, Exception? inner) =>
        new($"{_url} answered {response.RequestMessage?.RequestUri?.AbsolutePath} with {response.Content.Headers.ContentType?.MediaType ?? "nothing"} that is not the control plane's", "JSON of the native API", "check --url: is that the control plane, and of this version?", inner);
}
