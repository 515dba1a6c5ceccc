using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Engine.Alerts;
using ControlPlane.Storage;

namespace ControlPlane.Alerts;

/// <summary>Our own contract for any HTTP receiver; see README.md for headers, signature and schema.</summary>
internal sealed class WebhookChannel : IAlertChannel
{
    public const string EventHeader = "X-Kcp-Event";
    public const string DeliveryHeader = "X-Kcp-Delivery";
    public const string TimestampHeader = "X-Kcp-Timestamp";
    public const string SignatureHeader = "X-Kcp-Signature";

    private const int MinSecret = 16;
    private const int MaxSecret = 256;

    public AlertTargetKind Kind => AlertTargetKind.Webhook;

    public string? UsualUrl => null;

    public string? RefuseSecret(string? secret) =>
        secret is null || (secret.Length is >= MinSecret and <= MaxSecret && secret.All(c => c is > ' ' and < (char)127))
            ? null
            : $"Expected: {MinSecret} to {MaxSecret} printable ASCII characters without spaces, such as from: openssl rand -hex 32; or none for unsigned requests.";

    public string? RateKey(string? secret) => null;

    public HttpRequestMessage CreateRequest(DeliveryClaim claim, string? secret, DateTimeOffset now)
    {
        var body = Encoding.UTF8.GetBytes(claim.Notification.Body);
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, claim.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Add(EventHeader, AlertRules.Word(claim.Notification.Event));
        request.Headers.Add(DeliveryHeader, claim.Id.ToString());
        request.Headers.Add(TimestampHeader, timestamp);
        if (secret is not null)
        {
            request.Headers.Add(SignatureHeader, Sign(secret, timestamp, body));
        }

        return request;
    }

    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body) =>
        "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes(timestamp + "."), .. body]));
}
