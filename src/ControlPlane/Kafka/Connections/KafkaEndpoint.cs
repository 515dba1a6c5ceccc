using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ControlPlane.Kafka.Connections;

/// <summary>A host and port, written host:port; an IPv6 address stands in brackets.</summary>
public readonly record struct KafkaEndpoint(string Host, int Port)
{
    /// <summary>On failure, <paramref name="why"/> says what is expected.</summary>
    public static bool TryParse(string? text, out KafkaEndpoint endpoint, [NotNullWhen(false)] out string? why)
    {
        endpoint = default;
        var trimmed = (text ?? "").Trim();
        if (trimmed.Contains("://", StringComparison.Ordinal))
        {
            why = $"'{trimmed}' carries a scheme; write host:port alone and choose the security protocol in its own field";
            return false;
        }

        var colon = trimmed.LastIndexOf(':');
        var host = colon < 0 ? trimmed : trimmed[..colon];
        var bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (colon < 0 || host.Length == 0 || (host.Contains(':', StringComparison.Ordinal) && !bracketed))
        {
            why = $"'{trimmed}' is not host:port, like broker-1.example.com:9092 or [2001:db8::1]:9092";
            return false;
        }

        if (!int.TryParse(trimmed.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65_535)
        {
            why = $"'{trimmed}' has no port between 1 and 65535 behind the colon";
            return false;
        }

        host = bracketed ? host[1..^1] : host;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            why = $"'{host}' is neither a host name nor an address";
            return false;
        }

        endpoint = new KafkaEndpoint(host, port);
        why = null;
        return true;
    }

    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}

/// <summary>Where a request goes or an error comes from: a broker by id, or a bootstrap address whose id is not known yet (null).</summary>
public readonly record struct KafkaNode(int? Id, KafkaEndpoint Endpoint)
{
    public override string ToString() =>
        Id is { } id ? string.Create(CultureInfo.InvariantCulture, $"broker {id} ({Endpoint})") : Endpoint.ToString();
}
