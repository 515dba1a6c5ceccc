using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Kafka.Connections;

/// <summary>A bearer token and when it ends; <paramref name="ExpiresAt"/> is null where the server does not say.</summary>
public sealed record OAuthToken(string Value, DateTimeOffset? ExpiresAt)
{
    public override string ToString() => $"token valid until {ExpiresAt?.ToString("u") ?? "(not said)"}";
}

/// <summary>
/// Fetches tokens by the client credentials grant (RFC 6749, 4.4) and keeps each for four fifths of its life. One source
/// serves all connections of a cluster, and Confluent.Kafka's token refresh handler too.
/// </summary>
public sealed class OAuthTokenSource(OAuthBearerSettings settings, Func<HttpClient> httpClient, TimeProvider time) : IDisposable
{
    private const double UsedShareOfLife = 0.8;
    private const int MaxAnswerBytes = 256 * 1024;
    private const int MaxRemark = 200;

    private static readonly string[] ErrorFields = ["error", "error_description"];

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private OAuthToken? _token;
    private DateTimeOffset _useUntil;

    /// <summary>Throws <see cref="OAuthTokenException"/> where the server gives none.</summary>
    public async Task<OAuthToken> GetTokenAsync(CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_token is null || now >= _useUntil)
            {
                _token = await FetchAsync(now, cancellationToken);
                _useUntil = _token.ExpiresAt is { } end ? now + ((end - now) * UsedShareOfLife) : now; // not said: never reused
            }

            return _token;
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Dispose() => _fetching.Dispose();

    private async Task<OAuthToken> FetchAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        if (!string.IsNullOrEmpty(settings.Scope))
        {
            form["scope"] = settings.Scope;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, settings.TokenEndpoint) { Content = new FormUrlEncodedContent(form) };
        var credentials = $"{Uri.EscapeDataString(settings.ClientId)}:{Uri.EscapeDataString(settings.ClientSecret)}"; // RFC 6749, 2.3.1
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var client = httpClient();
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var body = await ReadBodyAsync(response, cancellationToken);
            return response.IsSuccessStatusCode
                ? Parse(body, now)
                : throw new OAuthTokenException(
                    $"The OAuth server at {settings.TokenEndpoint} answered {(int)response.StatusCode}{Remark(body)}. Check client id, secret and scope.");
        }
        catch (HttpRequestException ex)
        {
            throw new OAuthTokenException($"The OAuth server at {settings.TokenEndpoint} could not be reached: {ex.Message}. Check the token endpoint.", ex);
        }
    }

    private async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxAnswerBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length < buffer.Length
            ? buffer[..length]
            : throw new OAuthTokenException($"The OAuth server at {settings.TokenEndpoint} answered more than {MaxAnswerBytes / 1024} KiB. Check the token endpoint.");
    }

    private OAuthToken Parse(byte[] body, DateTimeOffset now)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.TryGetProperty("access_token", out var token) && token.GetString() is { Length: > 0 } value)
            {
                var life = json.RootElement.TryGetProperty("expires_in", out var seconds) && seconds.TryGetDouble(out var number) && number > 0
                    ? TimeSpan.FromSeconds(Math.Min(number, 365.0 * 86_400))
                    : (TimeSpan?)null;
                return new OAuthToken(value, now + life);
            }
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            // not JSON, or not of that shape: the same message
        }

        throw new OAuthTokenException($"The OAuth server at {settings.TokenEndpoint} answered without an access_token. Check the token endpoint.");
    }

    /// <summary>The error fields of RFC 6749, 5.2, and nothing else of the answer.</summary>
    private static string Remark(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var parts = ErrorFields
                .Select(name => json.RootElement.TryGetProperty(name, out var field) ? field.GetString() : null)
                .Where(text => !string.IsNullOrEmpty(text));
            var remark = string.Join(", ", parts);
            return remark.Length == 0 ? "" : $" ({remark[..Math.Min(MaxRemark, remark.Length)]})";
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}

/// <summary>No token could be had; the message says where and why, never with what secret.</summary>
public sealed class OAuthTokenException(string message, Exception? inner = null) : Exception(message, inner);
