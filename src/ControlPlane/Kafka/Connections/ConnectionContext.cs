using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Kafka.Connections.Sasl;

namespace ControlPlane.Kafka.Connections;

/// <summary>What all connections to one cluster share: settings with their certificates read once, tokens, counters, time.</summary>
internal sealed class ConnectionContext : IDisposable
{
    private readonly CertificateSet? _clientCertificates;
    private readonly OAuthTokenSource? _tokens;

    public ConnectionContext(KafkaConnectionSettings settings, Func<HttpClient>? httpClient, TimeProvider time)
    {
        Settings = settings;
        Time = time;
        Counters = new NetworkCounters(settings.ClusterTag);
        if (settings.SecurityProtocol.UsesTls())
        {
            Authorities = settings.CaPem is null ? null : Certificates.ReadAuthorities(settings.CaPem);
            _clientCertificates = settings.ClientCertificatePem is null ? null : Certificates.ReadClientCertificate(settings);
            ClientCertificate = _clientCertificates is null ? null : ContextOf(_clientCertificates);
        }

        if (settings.OAuth is { } oauth)
        {
            var client = httpClient ?? throw new ArgumentException("OAUTHBEARER fetches tokens over HTTP: a client factory is needed.", nameof(httpClient));
            _tokens = new OAuthTokenSource(oauth, client, time);
        }
    }

    public KafkaConnectionSettings Settings { get; }

    public TimeProvider Time { get; }

    public NetworkCounters Counters { get; }

    /// <summary>Null: those of the operating system.</summary>
    public CertificateSet? Authorities { get; }

    public SslStreamCertificateContext? ClientCertificate { get; }

    /// <summary>A login begins anew on every connection: nonces and tokens are not used twice.</summary>
    public async Task<ISaslExchange?> StartLoginAsync(CancellationToken cancellationToken)
    {
        if (!Settings.SecurityProtocol.UsesSasl() || Settings.SaslMechanism is not { } mechanism)
        {
            return null;
        }

        return mechanism switch
        {
            SaslMechanism.Plain => new PlainExchange(Settings.Username ?? "", Settings.Password ?? ""),
            SaslMechanism.ScramSha256 or SaslMechanism.ScramSha512 => new ScramExchange(mechanism, Settings.Username ?? "", Settings.Password ?? ""),
            SaslMechanism.OAuthBearer => new OAuthBearerExchange((await _tokens!.GetTokenAsync(cancellationToken)).Value, Settings.OAuth!.Extensions),
            _ => throw new InvalidOperationException($"Unhandled SASL mechanism {mechanism}"),
        };
    }

    public void Dispose()
    {
        Authorities?.Dispose();
        _clientCertificates?.Dispose();
        _tokens?.Dispose();
    }

    private static SslStreamCertificateContext ContextOf(CertificateSet set)
    {
        var intermediates = new X509Certificate2Collection();
        intermediates.AddRange(set.Items.Skip(1).ToArray());
        return SslStreamCertificateContext.Create(set.Items[0], intermediates, offline: true);
    }
}
