using System.Net;
using System.Text;
using ControlPlane.Kafka.Connections;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

public sealed class OAuthTokenSourceTests
{
    private static readonly OAuthBearerSettings Settings = new() { TokenEndpoint = "http://issuer.invalid/token", ClientId = "kc p", ClientSecret = "s3cret-pw", Scope = "kafka" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_used_for_four_fifths_of_its_life()
    {
        var time = new FakeTime();
        var issuer = new Issuer(HttpStatusCode.OK, "{\"access_token\":\"t\",\"expires_in\":100}");
        using var source = new OAuthTokenSource(Settings, issuer.Client, time);

        await source.GetTokenAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(79));
        await source.GetTokenAsync(Cancel);
        Assert.Equal(1, issuer.Requests);
        time.Advance(TimeSpan.FromSeconds(2));
        var token = await source.GetTokenAsync(Cancel);

        Assert.Equal(2, issuer.Requests);
        Assert.Equal(time.GetUtcNow().AddSeconds(100), token.ExpiresAt);
        Assert.Equal("grant_type=client_credentials&scope=kafka", issuer.LastBody);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("kc%20p:s3cret-pw")), issuer.LastAuthorization);
    }

    [Theory]
    [InlineData(401, "{\"error\":\"invalid_client\"}", "answered 401 (invalid_client). Check client id, secret and scope")]
    [InlineData(500, "<html>oops</html>", "answered 500. Check")]
    [InlineData(200, "<html>login page</html>", "without an access_token")]
    [InlineData(200, "[]", "without an access_token")]
    [InlineData(200, "{\"access_token\":7}", "without an access_token")]
    public async Task What_is_no_token_says_what_to_check(int status, string body, string expected)
    {
        using var source = new OAuthTokenSource(Settings, new Issuer((HttpStatusCode)status, body).Client, new FakeTime());

        var error = await Assert.ThrowsAsync<OAuthTokenException>(() => source.GetTokenAsync(Cancel));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-pw", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_answer_is_cut_off()
    {
        using var source = new OAuthTokenSource(Settings, new Issuer(HttpStatusCode.OK, new string('x', 300_000)).Client, new FakeTime());

        Assert.Contains("more than 256 KiB", (await Assert.ThrowsAsync<OAuthTokenException>(() => source.GetTokenAsync(Cancel))).Message, StringComparison.Ordinal);
    }

    private sealed class Issuer(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public int Requests { get; private set; }

        public string? LastBody { get; private set; }

        public string? LastAuthorization { get; private set; }

        public HttpClient Client() => new(this, disposeHandler: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            LastBody = await request.Content!.ReadAsStringAsync(cancellationToken);
            LastAuthorization = request.Headers.Authorization?.ToString();
            return new HttpResponseMessage(status) { Content = new StringContent(body) };
        }
    }
}
