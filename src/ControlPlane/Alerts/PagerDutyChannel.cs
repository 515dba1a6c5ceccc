using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Engine.Alerts;
using ControlPlane.Storage;

namespace ControlPlane.Alerts;

/// <summary>PagerDuty's Events API v2. The integration key is the secret and goes into the body only when it is sent.</summary>
internal sealed class PagerDutyChannel : IAlertChannel
{
    private const int KeyLength = 32;
    private const string Path = "/v2/enqueue";

    public AlertTargetKind Kind => AlertTargetKind.PagerDuty;

    public string? UsualUrl => "https://events.pagerduty.com";

    public string? RefuseSecret(string? secret) =>
        secret is { Length: KeyLength } && secret.All(char.IsAsciiLetterOrDigit)
            ? null
            : "Expected: the integration key of a service with Events API v2, exactly 32 letters and digits.";

    public string? RateKey(string? secret) =>
        secret is null ? null : "pagerduty:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 16));

    public HttpRequestMessage CreateRequest(DeliveryClaim claim, string? secret, DateTimeOffset now)
    {
        var body = PagerDutyPayload.WithKey(claim.Notification.Body, secret ?? throw new InvalidOperationException($"Target {claim.Target} has no integration key."));
        var request = new HttpRequestMessage(HttpMethod.Post, claim.Url.TrimEnd('/') + Path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }
}
