using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Kafka.Connections;

/// <summary>Judges a broker's certificate and remembers why it failed, in words.</summary>
internal sealed class CertificateVerdict(KafkaNode node, bool verifyHostname, bool hasOwnCa)
{
    // An authority of the right name and another key (renewed, or an impostor's) shows as a bad signature.
    private const X509ChainStatusFlags UnknownIssuer =
        X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;

    private KafkaConnectionFailure _kind;
    private string? _why;

    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var subject = certificate?.Subject ?? "(none)";
        var names = Names(certificate);
        if ((errors & SslPolicyErrors.RemoteCertificateNotAvailable) == SslPolicyErrors.RemoteCertificateNotAvailable)
        {
            (_kind, _why) = (KafkaConnectionFailure.TlsFailed, $"{node} showed no certificate.");
        }
        else if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.RemoteCertificateChainErrors)
        {
            JudgeChain(certificate, chain, subject);
        }
        else if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.RemoteCertificateNameMismatch && verifyHostname)
        {
            (_kind, _why) = (
                KafkaConnectionFailure.HostnameMismatch,
                $"The certificate of {node} ({subject}) is for {names}, not for '{node.Endpoint.Host}'. " +
                "Connect by a name that it carries, have it reissued, or switch the host name check off.");
        }

        return _why is null;
    }

    public KafkaConnectionException? Failure(Exception cause) => _why is null ? null : new(_kind, node, _why, cause);

    /// <summary>The alerts with which a server turns a client certificate down; in TLS 1.3 they come after the handshake.</summary>
    public static KafkaConnectionException? RejectedByBroker(KafkaNode node, Exception cause)
    {
        for (var ex = cause; ex is not null; ex = ex.InnerException)
        {
            if (ex.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) && ex.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase))
            {
                return ClientCertificateRejected(node, cause);
            }
        }

        return null;
    }

    public static KafkaConnectionException ClientCertificateRejected(KafkaNode node, Exception cause) => new(
        KafkaConnectionFailure.ClientCertificateRejected, node,
        $"{node} wants a client certificate (mutual TLS) and did not accept ours, or got none. " +
        "Set a client certificate and key from an authority that the broker's truststore holds.", cause);

    private void JudgeChain(X509Certificate? certificate, X509Chain? chain, string subject)
    {
        var status = chain?.ChainStatus ?? [];
        var flags = status.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        var issuer = certificate?.Issuer ?? "(unknown)";
        if ((flags & X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError)
        {
            (_kind, _why) = (
                KafkaConnectionFailure.TlsFailed,
                $"The certificate of {node} ({subject}) is valid from {certificate?.GetEffectiveDateString()} to {certificate?.GetExpirationDateString()}, not now. " +
                "Renew it on the broker, or correct this machine's clock.");
        }
        else if ((flags & UnknownIssuer) != X509ChainStatusFlags.NoError)
        {
            (_kind, _why) = (
                KafkaConnectionFailure.UnknownCa,
                $"The certificate of {node} ({subject}) is issued by '{issuer}', which {(hasOwnCa ? "is not among the authorities in the CA field" : "this machine does not trust")}. " +
                "Put that authority's certificate (PEM) into the CA field of the connection.");
        }
        else
        {
            var reasons = string.Join(' ', status.Select(one => one.StatusInformation.Trim()));
            (_kind, _why) = (KafkaConnectionFailure.TlsFailed, $"The certificate of {node} ({subject}) is not acceptable: {reasons}");
        }
    }

    private static string Names(X509Certificate? certificate)
    {
        if (certificate is not X509Certificate2 full)
        {
            return "no name";
        }

        var names = full.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .Take(10);
        var list = string.Join(", ", names);
        return list.Length > 0 ? list : $"'{full.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}' only";
    }
}
