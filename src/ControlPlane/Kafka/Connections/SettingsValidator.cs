using System.Security.Cryptography;

namespace ControlPlane.Kafka.Connections;

/// <summary>Finds every mistake in connection settings that can be found without connecting, also fields that would be ignored.</summary>
internal static class SettingsValidator
{
    private const int SmallestResponseCap = 64 * 1024; // the answer to ApiVersions alone takes up to 1 KiB

    public static IReadOnlyList<SettingError> Validate(KafkaConnectionSettings settings) =>
        [.. Bootstrap(settings), .. Sasl(settings), .. OAuth(settings), .. Tls(settings), .. Limits(settings)];

    private static IEnumerable<SettingError> Bootstrap(KafkaConnectionSettings settings)
    {
        if (settings.BootstrapServers.Count == 0)
        {
            yield return new(nameof(settings.BootstrapServers), "at least one host:port is needed");
        }

        foreach (var server in settings.BootstrapServers)
        {
            if (!KafkaEndpoint.TryParse(server, out _, out var why))
            {
                yield return new(nameof(settings.BootstrapServers), why);
            }
        }
    }

    private static IEnumerable<SettingError> Sasl(KafkaConnectionSettings settings)
    {
        var name = settings.SecurityProtocol.KafkaName();
        if (!settings.SecurityProtocol.UsesSasl())
        {
            if (settings.SaslMechanism is not null)
            {
                yield return new(nameof(settings.SaslMechanism), $"{name} has no login: choose SASL_SSL or SASL_PLAINTEXT, or remove the mechanism");
            }

            if (settings.Username is not null || settings.Password is not null)
            {
                yield return new(nameof(settings.Username), $"{name} has no login: choose SASL_SSL or SASL_PLAINTEXT, or remove user name and password");
            }

            yield break;
        }

        if (settings.SaslMechanism is not { } mechanism)
        {
            yield return new(nameof(settings.SaslMechanism), $"{name} needs one: Plain, ScramSha256, ScramSha512 or OAuthBearer");
            yield break;
        }

        var wantsPassword = mechanism != SaslMechanism.OAuthBearer;
        foreach (var (field, value) in ((string, string?)[])[(nameof(settings.Username), settings.Username), (nameof(settings.Password), settings.Password)])
        {
            if (wantsPassword && string.IsNullOrEmpty(value))
            {
                yield return new(field, $"{mechanism.KafkaName()} needs it");
            }
            else if (!wantsPassword && value is not null)
            {
                yield return new(field, "OAUTHBEARER does not use it: remove it and fill OAuth");
            }
            else if (value?.Contains('\0', StringComparison.Ordinal) == true)
            {
                yield return new(field, "must not contain the NUL character");
            }
        }
    }

    private static IEnumerable<SettingError> OAuth(KafkaConnectionSettings settings)
    {
        var wanted = settings.SecurityProtocol.UsesSasl() && settings.SaslMechanism == SaslMechanism.OAuthBearer;
        if (settings.OAuth is not { } oauth)
        {
            if (wanted)
            {
                yield return new(nameof(settings.OAuth), "OAUTHBEARER needs token endpoint, client id and client secret");
            }

            yield break;
        }

        if (!wanted)
        {
            yield return new(nameof(settings.OAuth), "is used by OAUTHBEARER alone: choose that mechanism, or remove it");
        }

        if (!Uri.TryCreate(oauth.TokenEndpoint, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
        {
            yield return new($"{nameof(settings.OAuth)}.{nameof(oauth.TokenEndpoint)}", $"'{oauth.TokenEndpoint}' is not an http or https URL");
        }

        if (oauth.ClientId.Length == 0)
        {
            yield return new($"{nameof(settings.OAuth)}.{nameof(oauth.ClientId)}", "is empty");
        }

        if (oauth.ClientSecret.Length == 0)
        {
            yield return new($"{nameof(settings.OAuth)}.{nameof(oauth.ClientSecret)}", "is empty");
        }

        foreach (var (key, value) in oauth.Extensions)
        {
            if (key.Length == 0 || key == "auth" || !key.All(char.IsAsciiLetter) || value.Any(letter => letter == '\u0001'))
            {
                yield return new($"{nameof(settings.OAuth)}.{nameof(oauth.Extensions)}", $"'{key}': names are letters and not 'auth', values have no control character 1 (RFC 7628)");
            }
        }
    }

    private static IEnumerable<SettingError> Tls(KafkaConnectionSettings settings)
    {
        if (!settings.SecurityProtocol.UsesTls())
        {
            foreach (var (field, value) in ((string, string?)[])[(nameof(settings.CaPem), settings.CaPem), (nameof(settings.ClientCertificatePem), settings.ClientCertificatePem), (nameof(settings.ClientKeyPem), settings.ClientKeyPem)])
            {
                if (value is not null)
                {
                    yield return new(field, $"{settings.SecurityProtocol.KafkaName()} has no TLS: choose SSL or SASL_SSL, or remove it");
                }
            }

            yield break;
        }

        if (settings.CaPem is { } ca && Broken(() => Certificates.ReadAuthorities(ca)) is { } caFault)
        {
            yield return new(nameof(settings.CaPem), caFault);
        }

        var hasKey = settings.ClientKeyPem is not null;
        if (settings.ClientCertificatePem is null != !hasKey)
        {
            yield return new(hasKey ? nameof(settings.ClientCertificatePem) : nameof(settings.ClientKeyPem), "a client certificate and its key go together: one of them is missing");
        }
        else if (hasKey && IsEncrypted(settings.ClientKeyPem!) && EncryptedKeyFault(settings) is { } passphraseFault)
        {
            yield return new(nameof(settings.ClientKeyPassword), passphraseFault);
        }
        else if (hasKey && Broken(() => Certificates.ReadClientCertificate(settings)) is { } keyFault)
        {
            yield return new(nameof(settings.ClientCertificatePem), keyFault);
        }
    }

    private static IEnumerable<SettingError> Limits(KafkaConnectionSettings settings)
    {
        if (settings.ClientId.Length is 0 or > 255)
        {
            yield return new(nameof(settings.ClientId), "has 1 to 255 characters");
        }

        foreach (var (field, value) in ((string, TimeSpan)[])[(nameof(settings.ConnectTimeout), settings.ConnectTimeout), (nameof(settings.RequestTimeout), settings.RequestTimeout), (nameof(settings.IdleTimeout), settings.IdleTimeout)])
        {
            if (value < TimeSpan.FromMilliseconds(100) || value > TimeSpan.FromHours(1))
            {
                yield return new(field, $"{value} is not between 100 ms and 1 h");
            }
        }

        if (settings.MaxResponseBytes < SmallestResponseCap)
        {
            yield return new(nameof(settings.MaxResponseBytes), $"{settings.MaxResponseBytes} is less than {SmallestResponseCap}");
        }
    }

    private static bool IsEncrypted(string keyPem) => PemEncoding.TryFind(keyPem, out var found) && keyPem[found.Label] == "ENCRYPTED PRIVATE KEY";

    private static string? EncryptedKeyFault(KafkaConnectionSettings settings)
    {
        const string WithoutOne = "or give the key without one: openssl pkey -in KEY -out KEY.plain.pem";
        if (string.IsNullOrEmpty(settings.ClientKeyPassword))
        {
            return $"the client key is encrypted and no passphrase is given: give it, {WithoutOne}";
        }

        return Broken(() => Certificates.ReadClientCertificate(settings)) is null
            ? null
            : $"the client key does not open with this passphrase, or does not belong to the certificate: correct them, {WithoutOne}";
    }

    private static string? Broken(Func<IDisposable> read)
    {
        try
        {
            read().Dispose();
            return null;
        }
        catch (Exception ex) when (ex is CryptographicException or ArgumentException)
        {
            return $"is not readable as PEM: {ex.Message}";
        }
    }
}
