using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Kafka.Connections;

/// <summary>Turns the PEM texts of the settings into what TLS needs.</summary>
internal static class Certificates
{
    /// <summary>Throws <see cref="CryptographicException"/> where the text has no certificate.</summary>
    public static CertificateSet ReadAuthorities(string pem) => Read(pem);

    /// <summary>The certificate with its private key first, then its intermediates.</summary>
    public static CertificateSet ReadClientCertificate(KafkaConnectionSettings settings)
    {
        var all = Read(settings.ClientCertificatePem!);
        using var leaf = all.Items[0];
        all.Items[0] = string.IsNullOrEmpty(settings.ClientKeyPassword)
            ? X509Certificate2.CreateFromPem(settings.ClientCertificatePem, settings.ClientKeyPem)
            : X509Certificate2.CreateFromEncryptedPem(settings.ClientCertificatePem, settings.ClientKeyPem, settings.ClientKeyPassword);
        return all;
    }

    private static CertificateSet Read(string pem)
    {
        var set = new CertificateSet();
        set.Items.ImportFromPem(pem);
        return set.Items.Count > 0
            ? set
            : throw new CryptographicException("there is no certificate in it; expected a block that begins with -----BEGIN CERTIFICATE-----");
    }
}

/// <summary>Certificates that are disposed together.</summary>
internal sealed class CertificateSet : IDisposable
{
    public X509Certificate2Collection Items { get; } = [];

    public void Dispose()
    {
        foreach (var certificate in Items)
        {
            certificate.Dispose();
        }
    }
}
