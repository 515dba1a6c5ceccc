using ControlPlane.Kafka.Connections;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

public sealed class SettingsTests
{
    private static readonly TestCertificates Certificates = new();

    private static KafkaConnectionSettings Plain => new() { BootstrapServers = ["kafka:9092"] };

    private static KafkaConnectionSettings Full => Plain with
    {
        SecurityProtocol = SecurityProtocol.SaslSsl,
        SaslMechanism = SaslMechanism.ScramSha512,
        Username = "admin",
        Password = "s3cret-pw",
        CaPem = Certificates.CaPem,
        ClientCertificatePem = Certificates.ClientPem,
        ClientKeyPem = Certificates.ClientKeyPem,
    };

    private static KafkaConnectionSettings OAuth => Plain with
    {
        SecurityProtocol = SecurityProtocol.SaslPlaintext,
        SaslMechanism = SaslMechanism.OAuthBearer,
        OAuth = new OAuthBearerSettings { TokenEndpoint = "https://idp/token", ClientId = "kcp", ClientSecret = "s3cret-pw" },
    };

    [Fact]
    public void Good_settings_have_no_errors()
    {
        Assert.Empty(Plain.Validate());
        Assert.Empty(Full.Validate());
        Assert.Empty(OAuth.Validate());
        Assert.Empty((Plain with { BootstrapServers = ["[2001:db8::1]:9092", " host:1 "] }).Validate());
    }

    [Fact]
    public void All_mistakes_are_named_at_once()
    {
        var settings = new KafkaConnectionSettings
        {
            BootstrapServers = ["kafka", "http://kafka:9092", "kafka:99999", "::1:9092"],
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.Plain,
            CaPem = "not a certificate",
            ClientKeyPem = "lonely",
            ClientId = "",
            RequestTimeout = TimeSpan.Zero,
            MaxResponseBytes = 10,
        };

        var fields = settings.Validate().Select(error => error.Field).ToList();

        Assert.Equal(4, fields.Count(field => field == "BootstrapServers"));
        Assert.Equal(
            ["CaPem", "ClientCertificatePem", "ClientId", "MaxResponseBytes", "Password", "RequestTimeout", "Username"],
            fields.Where(field => field != "BootstrapServers").Order());
    }

    [Fact]
    public void Fields_that_would_be_ignored_are_mistakes()
    {
        Assert.Equal(["SaslMechanism", "Username", "CaPem"], (Full with { SecurityProtocol = SecurityProtocol.Plaintext, ClientCertificatePem = null, ClientKeyPem = null }).Validate().Select(error => error.Field));
        Assert.Contains((OAuth with { Username = "x" }).Validate(), error => error.Field == "Username");
        Assert.Contains((Full with { OAuth = OAuth.OAuth }).Validate(), error => error.Field == "OAuth");
        Assert.Contains((OAuth with { OAuth = null }).Validate(), error => error.Field == "OAuth");
    }

    [Fact]
    public void A_key_that_does_not_fit_its_certificate_is_a_mistake() =>
        Assert.Contains((Full with { ClientKeyPem = Certificates.BrokerKeyPem }).Validate(), error => error.Field == "ClientCertificatePem");

    [Theory]
    [InlineData(null)]
    [InlineData("close sesame")]
    public void An_encrypted_key_without_its_passphrase_is_a_mistake(string? passphrase)
    {
        var settings = Full with { ClientKeyPem = TestCertificates.Encrypt(Certificates.ClientKeyPem, "open sesame") };

        Assert.Empty((settings with { ClientKeyPassword = "open sesame" }).Validate());
        var error = Assert.Single((settings with { ClientKeyPassword = passphrase }).Validate());
        Assert.Equal("ClientKeyPassword", error.Field);
        Assert.Contains("passphrase", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_never_show_in_text_forms()
    {
        foreach (var text in (string[])[Full.ToString(), OAuth.ToString(), OAuth.OAuth!.ToString(), $"{new OAuthToken("s3cret-pw", null)}"])
        {
            Assert.DoesNotContain("s3cret-pw", text, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
        }

        Assert.Contains("kafka:9092 (SASL_SSL, SCRAM-SHA-512 as admin)", Full.ToString(), StringComparison.Ordinal);
        var error = Assert.Throws<ArgumentException>(() => new KafkaNetwork(Full with { MaxResponseBytes = 1 }));
        Assert.DoesNotContain("s3cret-pw", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Librdkafka_gets_the_same_connection()
    {
        var keys = Full.ToLibrdkafka();

        Assert.Equal("sasl_ssl", keys["security.protocol"]);
        Assert.Equal("SCRAM-SHA-512", keys["sasl.mechanism"]);
        Assert.Equal("s3cret-pw", keys["sasl.password"]);
        Assert.Equal(Certificates.CaPem, keys["ssl.ca.pem"]);
        Assert.Equal(Certificates.ClientKeyPem, keys["ssl.key.pem"]);
        Assert.Equal("https", keys["ssl.endpoint.identification.algorithm"]);
        Assert.Equal("none", (Full with { VerifyHostname = false }).ToLibrdkafka()["ssl.endpoint.identification.algorithm"]);
        using var accepted = new RealKafkaClient(keys); // librdkafka refuses unknown keys and values when built
        using var tokens = new RealKafkaClient(OAuth.ToLibrdkafka());
    }

    [Fact]
    public void Back_off_doubles_up_to_its_cap_with_a_fifth_either_way()
    {
        double[] middle = [.. Enumerable.Range(1, 8).Select(failures => BackOff.Default.DelayAfter(failures, 0.5).TotalMilliseconds)];

        Assert.Equal([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000], middle.Select(delay => Math.Round(delay)));
        Assert.Equal(80, BackOff.Default.DelayAfter(1, 0).TotalMilliseconds, 1e-9);
        Assert.Equal(6_000, BackOff.Default.DelayAfter(int.MaxValue, 1).TotalMilliseconds, 1e-9);
    }

    [Theory]
    [InlineData("1.2.3+abcdef", "1.2.3")]
    [InlineData("1.0.0-beta_1+x y", "1.0.0-beta1")]
    [InlineData("-.-", "0")]
    [InlineData(null, "0")]
    public void Our_version_passes_the_brokers_rules(string? version, string expected) => Assert.Equal(expected, ClientSoftware.Clean(version));
}
