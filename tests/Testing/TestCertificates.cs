using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Testing;

/// <summary>A certificate authority of one test run with a broker's and a client's certificate, as PEM text.</summary>
public sealed class TestCertificates
{
    public TestCertificates(TimeProvider? time = null)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow();
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kcp-test-ca", caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        using var ca = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        CaPem = ca.ExportCertificatePem();
        (BrokerPem, BrokerKeyPem) = Issue(ca, "CN=broker", now, ["localhost"], [IPAddress.Loopback]);
        (ClientPem, ClientKeyPem) = Issue(ca, "CN=client", now, [], []);
        (WrongHostPem, WrongHostKeyPem) = Issue(ca, "CN=elsewhere", now, ["elsewhere.example"], []);
        (ExpiredPem, ExpiredKeyPem) = Issue(ca, "CN=expired", now.AddHours(-12), ["localhost"], [IPAddress.Loopback], TimeSpan.FromHours(1));
    }

    public string CaPem { get; }

    /// <summary>For localhost and 127.0.0.1, good as a server's and a client's.</summary>
    public string BrokerPem { get; }

    public string BrokerKeyPem { get; }

    public string ClientPem { get; }

    public string ClientKeyPem { get; }

    /// <summary>Issued by the same authority, for another host.</summary>
    public string WrongHostPem { get; }

    public string WrongHostKeyPem { get; }

    public string ExpiredPem { get; }

    public string ExpiredKeyPem { get; }

    /// <summary>The same private key, to be opened with a passphrase.</summary>
    public static string Encrypt(string keyPem, string passphrase)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(keyPem);
        return key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000));
    }

    private static (string Certificate, string Key) Issue(
        X509Certificate2 ca, string subject, DateTimeOffset now, string[] hosts, IPAddress[] addresses, TimeSpan? life = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (hosts.Length + addresses.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            Array.ForEach(hosts, names.AddDnsName);
            Array.ForEach(addresses, names.AddIpAddress);
            request.CertificateExtensions.Add(names.Build());
        }

        // Server and client authentication: brokers are each other's clients.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(ca, now.AddHours(-1), now.Add(life ?? TimeSpan.FromDays(1)), RandomNumberGenerator.GetBytes(16));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
