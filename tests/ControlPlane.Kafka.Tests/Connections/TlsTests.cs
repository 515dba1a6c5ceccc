using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Kafka.Connections;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

public sealed class TlsTests
{
    private static readonly TestCertificates Certificates = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_for_another_host_names_both()
    {
        await using var peer = Server(Certificates.WrongHostPem, Certificates.WrongHostKeyPem);

        var error = await FailAsync(peer.Endpoint);

        Assert.Equal(KafkaConnectionFailure.HostnameMismatch, error.Kind);
        Assert.Contains("is for elsewhere.example, not for '127.0.0.1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_name_check_can_be_switched_off_and_the_authority_is_still_checked()
    {
        await using var peer = Server(Certificates.WrongHostPem, Certificates.WrongHostKeyPem);

        var error = await FailAsync(peer.Endpoint, settings => settings with { VerifyHostname = false });
        var stranger = await FailAsync(peer.Endpoint, settings => settings with { VerifyHostname = false, CaPem = new TestCertificates().CaPem });

        Assert.Equal(KafkaConnectionFailure.ClosedByBroker, error.Kind); // TLS stood; this peer closes then
        Assert.Equal(KafkaConnectionFailure.UnknownCa, stranger.Kind);
    }

    [Fact]
    public async Task An_expired_certificate_says_until_when_it_was_valid()
    {
        await using var peer = Server(Certificates.ExpiredPem, Certificates.ExpiredKeyPem);

        var error = await FailAsync(peer.Endpoint);

        Assert.Equal(KafkaConnectionFailure.TlsFailed, error.Kind);
        Assert.Contains("not now. Renew it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", KafkaConnectionFailure.SpeaksHttp)]
    [InlineData("", KafkaConnectionFailure.SpeaksPlaintext)]
    public async Task TLS_at_a_port_without_it_is_recognized(string answer, KafkaConnectionFailure expected)
    {
        await using var peer = new FakeBroker(async (stream, stop) =>
        {
            _ = await stream.ReadAtLeastAsync(new byte[4_096], 50, cancellationToken: stop);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), stop);
        });

        Assert.Equal(expected, (await FailAsync(peer.Endpoint)).Kind);
    }

    private static FakeBroker Server(string certificatePem, string keyPem) => new(async (stream, stop) =>
    {
        using var pem = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = pem }, stop);
        _ = await tls.ReadAtLeastAsync(new byte[100], 10, throwOnEndOfStream: false, stop);
    });

    private static async Task<KafkaConnectionException> FailAsync(string endpoint, Func<KafkaConnectionSettings, KafkaConnectionSettings>? change = null)
    {
        await using var network = Peers.Network(endpoint, change: settings =>
        {
            var tls = settings with { SecurityProtocol = SecurityProtocol.Ssl, CaPem = Certificates.CaPem };
            return change?.Invoke(tls) ?? tls;
        });
        return await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));
    }
}
