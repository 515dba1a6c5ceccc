using System.Diagnostics;
using System.Net.Http.Headers;
using ControlPlane.Api.Access;
using ControlPlane.Api.Problems;
using ControlPlane.Engine.Model;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Forwarding;

/// <summary>Passes a request to the process that owns its cluster, and streams the answer back as it comes.</summary>
internal sealed partial class Forwarder(
    IHttpClientFactory clients, Tickets tickets, IOptions<ApiOptions> options, ApiMeter meter, TimeProvider time, ILogger<Forwarder> logger)
{
    public const string ClientName = "control-plane-peer";

    // What belongs to this hop, or is made anew for the next one.
    private static readonly string[] Passed = ["Accept", "Accept-Encoding", "If-Match", "If-None-Match", "Last-Event-ID", "User-Agent"];
    private static readonly string[] Returned = ["Cache-Control", "ETag", "Location", "Retry-After", "Vary", "X-Accel-Buffering"];

    /// <summary>The part of a URL a ticket is bound to, written the same way at both ends.</summary>
    public static string Target(HttpContext http)
    {
        var raw = http.Features.Get<IHttpRequestFeature>()?.RawTarget;
        var target = raw is ['/', ..] ? raw : http.Request.Path.ToUriComponent() + http.Request.QueryString.ToUriComponent();
        return new Uri(new Uri("http://peer"), target).PathAndQuery;
    }

    public async Task ForwardAsync(HttpContext http, ClusterId cluster, Uri owner)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, options.Value.ForwardTimeout, Timeout.InfiniteTimeSpan);
        HttpResponseMessage response;
        try
        {
            using var request = Request(http, owner);
            response = await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (HttpRequestException ex)
        {
            meter.Forwarded("silent");
            LogSilent(cluster, owner, ex.Message);
            throw new ProblemException(ApiProblems.OwnerSilent(cluster, owner, $"it can't be reached ({ex.HttpRequestError})"));
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            meter.Forwarded("slow");
            throw new ProblemException(ApiProblems.OwnerSlow(cluster, owner, options.Value.ForwardTimeout));
        }

        using (response)
        {
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan); // a live stream has no end
            meter.Forwarded("answered");
            await CopyAsync(response, http);
        }
    }

    private HttpRequestMessage Request(HttpContext http, Uri owner)
    {
        var target = Target(http);
        var caller = Caller.Of(http.User) ?? throw new UnreachableException("Only requests of somebody are forwarded.");
        var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(owner, target));
        foreach (var name in Passed)
        {
            if (http.Request.Headers.TryGetValue(name, out var values))
            {
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        var speaker = caller with { SourceAddress = AuditTrail.SourceOf(http) };
        request.Headers.Add(Tickets.ForwardHeader, tickets.ForForward(speaker, http.Request.Method, target));
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.Content = new StreamContent(http.Request.Body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) ? type : null;
            request.Content.Headers.ContentLength = http.Request.ContentLength;
        }

        return request;
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext http)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var name in Returned)
        {
            if (response.Headers.TryGetValues(name, out var values))
            {
                http.Response.Headers[name] = values.ToArray();
            }
        }

        var content = response.Content.Headers;
        http.Response.ContentType = content.ContentType?.ToString();
        http.Response.ContentLength = content.ContentLength is > 0 and var length ? length : null;
        if (content.ContentEncoding.Count > 0)
        {
            http.Response.Headers.ContentEncoding = content.ContentEncoding.ToArray();
        }

        if (response.StatusCode is System.Net.HttpStatusCode.NotModified or System.Net.HttpStatusCode.NoContent)
        {
            return;
        }

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var body = await response.Content.ReadAsStreamAsync(http.RequestAborted);
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request for cluster {Cluster} could not be forwarded to its owner at {Owner}: {Reason}")]
    private partial void LogSilent(ClusterId cluster, Uri owner, string reason);
}
