using ControlPlane.Contracts;

namespace ControlPlane.Ui.Components;

/// <summary>A connection while it is being typed. Empty secrets mean "as stored".</summary>
public sealed class ConnectionEdit
{
    public string BootstrapServers { get; set; } = "";

    public string SecurityProtocol { get; set; } = "PLAINTEXT";

    public string SaslMechanism { get; set; } = "SCRAM-SHA-512";

    public string? Username { get; set; }

    public string? Password { get; set; }

    public string? CaCertificate { get; set; }

    public string? ClientCertificate { get; set; }

    public string? ClientKey { get; set; }

    public bool VerifyHostname { get; set; } = true;

    public string? OAuthTokenEndpoint { get; set; }

    public string? OAuthClientId { get; set; }

    public string? OAuthClientSecret { get; set; }

    public string? OAuthScope { get; set; }

    /// <summary>Which secrets are stored already; null for a new connection.</summary>
    public ConnectionDto? Stored { get; private init; }

    public bool IsTls => SecurityProtocol is "SSL" or "SASL_SSL";

    public bool IsSasl => SecurityProtocol is "SASL_PLAINTEXT" or "SASL_SSL";

    public bool IsOAuth => IsSasl && SaslMechanism == "OAUTHBEARER";

    public static ConnectionEdit Of(ConnectionDto? stored) => stored is null
        ? new()
        : new()
        {
            BootstrapServers = stored.BootstrapServers,
            SecurityProtocol = stored.SecurityProtocol,
            SaslMechanism = stored.SaslMechanism ?? "SCRAM-SHA-512",
            Username = stored.Username,
            CaCertificate = stored.CaCertificate,
            ClientCertificate = stored.ClientCertificate,
            VerifyHostname = stored.VerifyHostname,
            OAuthTokenEndpoint = stored.OAuthTokenEndpoint,
            OAuthClientId = stored.OAuthClientId,
            OAuthScope = stored.OAuthScope,
            Stored = stored,
        };

    /// <summary>Only what the chosen protocol uses is sent.</summary>
    public ConnectionRequest ToRequest() => new()
    {
        BootstrapServers = BootstrapServers.Trim(),
        SecurityProtocol = SecurityProtocol,
        SaslMechanism = IsSasl ? SaslMechanism : null,
        Username = IsSasl && !IsOAuth ? Given(Username) : null,
        Password = IsSasl && !IsOAuth ? Given(Password) : null,
        CaCertificate = IsTls ? Given(CaCertificate) : null,
        ClientCertificate = IsTls ? Given(ClientCertificate) : null,
        ClientKey = IsTls ? Given(ClientKey) : null,
        VerifyHostname = VerifyHostname,
        OAuthTokenEndpoint = IsOAuth ? Given(OAuthTokenEndpoint) : null,
        OAuthClientId = IsOAuth ? Given(OAuthClientId) : null,
        OAuthClientSecret = IsOAuth ? Given(OAuthClientSecret) : null,
        OAuthScope = IsOAuth ? Given(OAuthScope) : null,
    };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
