using System.Net;
using System.Text;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>A broker with TLS, SASL and ACLs: every way in, and every way that stays shut with a message that helps.</summary>
public sealed class SecureTests(SharedClusters clusters)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SaslMechanism.ScramSha256)]
    [InlineData(SaslMechanism.ScramSha512)]
    public async Task Scram_logs_in_over_TLS_with_both_clients(SaslMechanism mechanism)
    {
        var security = await SecurityAsync();
        var settings = SaslSsl(security) with { SaslMechanism = mechanism };
        using var librdkafka = new RealKafkaClient(settings.ToLibrdkafka());
        await librdkafka.CreateTopicAsync(TestClients.Unique("secure"), 1, 1);
        await using var network = new KafkaNetwork(settings);

        var dirs = await new KafkaAdmin(network).FetchLogDirsAsync(null, [], Cancel);

        Assert.True(dirs.IsComplete);
    }

    [Fact]
    public async Task Plain_logs_in_and_what_it_may_not_names_the_missing_permission()
    {
        var security = await SecurityAsync();
        await using var network = new KafkaNetwork(Alice(security));
        var admin = new KafkaAdmin(network);

        var dirs = await admin.FetchLogDirsAsync(null, [], Cancel);
        var metadata = await admin.FetchMetadataAsync(["hidden"], Cancel);
        var change = await Assert.ThrowsAsync<KafkaException>(() => admin.ElectLeadersAsync(ElectionType.Preferred, null, Cancel));

        var failure = Assert.IsType<KafkaException>(Assert.Single(dirs.Failures).Value);
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, failure.ErrorCode);
        Assert.Contains("needs Describe on Cluster", failure.Message, StringComparison.Ordinal);
        Assert.Contains("needs Alter on Cluster", change.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, metadata.Topics[0].ErrorCode);
    }

    [Fact]
    public async Task OAuth_logs_in_with_a_token_fetched_once()
    {
        var security = await SecurityAsync();
        var issuer = new FakeIssuer(UnsignedToken(SecureListeners.AdminUser));
        await using var network = new KafkaNetwork(OAuth(security), new KafkaNetworkOptions { HttpClient = issuer.Client });
        var admin = new KafkaAdmin(network);

        await admin.FetchMetadataAsync(null, Cancel);
        var dirs = await admin.FetchLogDirsAsync(null, [], Cancel); // over another connection

        Assert.True(dirs.IsComplete);
        Assert.Equal(1, issuer.Requests);
    }

    [Fact]
    public async Task A_token_that_the_broker_refuses_is_said_to_be_one()
    {
        var security = await SecurityAsync();
        var issuer = new FakeIssuer("not.a-token.");

        var error = await FailAsync(OAuth(security), new KafkaNetworkOptions { HttpClient = issuer.Client });

        Assert.Equal(KafkaConnectionFailure.AuthenticationFailed, error.Kind);
        Assert.Contains("Check what the token grants", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not.a-token", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_says_to_check_it()
    {
        var security = await SecurityAsync();
        foreach (var settings in (KafkaConnectionSettings[])[SaslSsl(security) with { Password = "wr0ng-pw" }, Alice(security) with { Password = "wr0ng-pw" }])
        {
            var error = await FailAsync(settings);

            Assert.Equal(KafkaConnectionFailure.AuthenticationFailed, error.Kind);
            Assert.Contains("Check user name and password", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wr0ng-pw", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_unknown_authority_says_where_to_put_its_certificate()
    {
        var security = await SecurityAsync();

        var system = await FailAsync(SaslSsl(security) with { CaPem = null });
        var other = await FailAsync(SaslSsl(security) with { CaPem = new TestCertificates().CaPem });

        Assert.Equal((KafkaConnectionFailure.UnknownCa, KafkaConnectionFailure.UnknownCa), (system.Kind, other.Kind));
        Assert.Contains("CN=kcp-test-ca", system.Message, StringComparison.Ordinal);
        Assert.Contains("CA field", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutual_TLS_takes_our_certificate_and_says_when_it_misses_one()
    {
        var security = await SecurityAsync();
        var settings = new KafkaConnectionSettings { BootstrapServers = [security.Ssl], SecurityProtocol = SecurityProtocol.Ssl, CaPem = security.Certificates.CaPem };
        await using var network = new KafkaNetwork(settings with { ClientCertificatePem = security.Certificates.BrokerPem, ClientKeyPem = security.Certificates.BrokerKeyPem });

        Assert.True((await new KafkaAdmin(network).FetchLogDirsAsync(null, [], Cancel)).IsComplete);
        var error = await FailAsync(settings);

        Assert.Equal(KafkaConnectionFailure.ClientCertificateRejected, error.Kind);
        Assert.Contains("Set a client certificate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutual_TLS_takes_an_encrypted_key_with_its_passphrase_in_both_clients()
    {
        var security = await SecurityAsync();
        var settings = new KafkaConnectionSettings
        {
            BootstrapServers = [security.Ssl],
            SecurityProtocol = SecurityProtocol.Ssl,
            CaPem = security.Certificates.CaPem,
            ClientCertificatePem = security.Certificates.BrokerPem,
            ClientKeyPem = TestCertificates.Encrypt(security.Certificates.BrokerKeyPem, "open sesame"),
            ClientKeyPassword = "open sesame",
        };
        await using var network = new KafkaNetwork(settings);
        using var librdkafka = new RealKafkaClient(settings.ToLibrdkafka());

        Assert.Contains("BEGIN ENCRYPTED PRIVATE KEY", settings.ClientKeyPem, StringComparison.Ordinal);
        Assert.True((await new KafkaAdmin(network).FetchLogDirsAsync(null, [], Cancel)).IsComplete);
        await librdkafka.CreateTopicAsync(TestClients.Unique("encrypted"), 1, 1);
    }

    [Fact]
    public async Task A_wrong_security_protocol_says_which_to_use()
    {
        var security = await SecurityAsync();
        var newest = await clusters.NewestAsync();

        var noLogin = await FailAsync(new KafkaConnectionSettings { BootstrapServers = [security.SaslPlaintext] });
        var noTls = await FailAsync(new KafkaConnectionSettings { BootstrapServers = [security.SaslSsl] });
        var tooMuchTls = await FailAsync(new KafkaConnectionSettings { BootstrapServers = [newest.BootstrapServers.Split(',')[0]], SecurityProtocol = SecurityProtocol.Ssl });
        var tooMuchLogin = await FailAsync(Alice(security) with { BootstrapServers = [newest.BootstrapServers.Split(',')[0]], SecurityProtocol = SecurityProtocol.SaslPlaintext, CaPem = null });

        Assert.Equal(KafkaConnectionFailure.SaslRequired, noLogin.Kind);
        Assert.Contains("SCRAM-SHA-512", noLogin.Message, StringComparison.Ordinal);
        Assert.Contains(noTls.Kind, new[] { KafkaConnectionFailure.SpeaksTls, KafkaConnectionFailure.ClosedByBroker });
        Assert.Contains("SSL or SASL_SSL", noTls.Message, StringComparison.Ordinal);
        Assert.Equal(KafkaConnectionFailure.SpeaksPlaintext, tooMuchTls.Kind);
        Assert.Contains("PLAINTEXT", tooMuchTls.Message, StringComparison.Ordinal);
        Assert.Equal(KafkaConnectionFailure.MechanismNotOffered, tooMuchLogin.Kind);
        Assert.Contains("PLAINTEXT or SSL", tooMuchLogin.Message, StringComparison.Ordinal);
    }

    private static KafkaConnectionSettings SaslSsl(SecureListeners security) => new()
    {
        BootstrapServers = [security.SaslSsl],
        SecurityProtocol = SecurityProtocol.SaslSsl,
        SaslMechanism = SaslMechanism.ScramSha512,
        Username = SecureListeners.AdminUser,
        Password = SecureListeners.AdminPassword,
        CaPem = security.Certificates.CaPem,
    };

    private static KafkaConnectionSettings Alice(SecureListeners security) => SaslSsl(security) with
    {
        SaslMechanism = SaslMechanism.Plain,
        Username = SecureListeners.PlainUser,
        Password = SecureListeners.PlainPassword,
    };

    private static KafkaConnectionSettings OAuth(SecureListeners security) => SaslSsl(security) with
    {
        SaslMechanism = SaslMechanism.OAuthBearer,
        Username = null,
        Password = null,
        OAuth = new OAuthBearerSettings { TokenEndpoint = "http://issuer.invalid/token", ClientId = "kcp", ClientSecret = "secret" },
    };

    private static string UnsignedToken(string subject)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return $"{Base64("{\"alg\":\"none\"}")}.{Base64($"{{\"sub\":\"{subject}\",\"iat\":{now - 5},\"exp\":{now + 600}}}")}.";

        static string Base64(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static async Task<KafkaConnectionException> FailAsync(KafkaConnectionSettings settings, KafkaNetworkOptions? options = null)
    {
        await using var network = new KafkaNetwork(settings, options);
        return await Assert.ThrowsAsync<KafkaConnectionException>(
            () => new KafkaAdmin(network, new KafkaAdminOptions { RetryFor = TimeSpan.Zero }).FetchMetadataAsync([], Cancel));
    }

    private async Task<SecureListeners> SecurityAsync() => (await clusters.SecureAsync()).Security!;

    private sealed class FakeIssuer(string token) : HttpMessageHandler
    {
        public int Requests { get; private set; }

        public HttpClient Client() => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent($"{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\",\"expires_in\":600}}"),
            });
        }
    }
}
