using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using ControlPlane.Clusters;
using ControlPlane.Engine.Alerts;

namespace ControlPlane.Alerts;

/// <summary>Sends one request to a receiver that nobody vouches for: guarded address, no redirects, bounded time and answer.</summary>
internal sealed class AlertHttp(IHttpClientFactory clients, ProcessIdentity process)
{
    public const string ClientName = "alerts";

    /// <summary>A connection is used again for so long.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(1);

    private const int MaxAnswer = 16 * 1024;
    private const int MaxPreview = 2000;

    // The status is known by then; what the body adds is not worth more.
    private static readonly TimeSpan BodyPatience = TimeSpan.FromSeconds(2);

    /// <summary>Never throws for what a receiver or the network does.</summary>
    /// <param name="request">Is sent once.</param>
    /// <param name="timeout">For the answer's status.</param>
    /// <param name="stopping">Ends the attempt because this process ends.</param>
    public async Task<SendResult> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken stopping)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("kafka-control-plane", process.Version));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(timeout);
        try
        {
            var client = clients.CreateClient(ClientName);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var preview = await ReadAsync(response, limit.Token);
            var status = (int)response.StatusCode;
            var location = response.Headers.Location is { IsAbsoluteUri: true } to ? to.GetLeftPart(UriPartial.Authority) : null;
            return new SendResult(status, SendFailure.None, SendVerdicts.Explain(status, location), RetryAfter(response), preview);
        }
        catch (OperationCanceledException)
        {
            var why = stopping.IsCancellationRequested
                ? "This process was stopped while it waited for the answer."
                : string.Create(CultureInfo.InvariantCulture, $"The receiver did not answer within {timeout.TotalSeconds:0.#} s.");
            return Failed(SendFailure.NoAnswer, why);
        }
        catch (HttpRequestException ex)
        {
            return Explain(ex);
        }
        catch (IOException ex)
        {
            return Failed(SendFailure.NoAnswer, $"The connection broke: {ex.Message}");
        }
    }

    private static SendResult Explain(HttpRequestException exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case AddressRefusedException refused:
                    return Failed(SendFailure.ForbiddenAddress, refused.Message);
                case AuthenticationException tls:
                    return Failed(SendFailure.Tls, $"TLS failed: {tls.Message} Check the receiver's certificate and the name in the target's URL.");
            }
        }

        var cause = (exception.InnerException ?? exception).Message.TrimEnd('.');
        return exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => Failed(SendFailure.NotConnected, $"The receiver's name could not be resolved: {cause}."),
            HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError =>
                Failed(SendFailure.NotConnected, $"The receiver could not be reached: {cause}."),
            _ => Failed(SendFailure.NoAnswer, $"The connection broke before an answer came: {cause}."),
        };
    }

    private static SendResult Failed(SendFailure failure, string problem) => new(null, failure, AlertRules.Cut(problem, 500), null, null);

    /// <summary>As much of the body as comes in time and is wanted; the rest is dropped with the connection.</summary>
    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxAnswer];
        var length = 0;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(BodyPatience);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
            length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, patience.Token);
        }
        catch (Exception ex) when (ex is OperationCanceledException or IOException or HttpRequestException)
        {
            return null; // the status decides; a receiver that botches its body has still answered
        }

        return length == 0 ? null : AlertRules.Cut(Encoding.UTF8.GetString(buffer, 0, length), MaxPreview);
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - (response.Headers.Date ?? date),
        _ => null,
    };
}
