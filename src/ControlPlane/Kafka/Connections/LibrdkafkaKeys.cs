using System.Globalization;

namespace ControlPlane.Kafka.Connections;

/// <summary>Connection settings in the configuration keys of librdkafka, which Confluent.Kafka takes as they are.</summary>
internal static class LibrdkafkaKeys
{
    public static Dictionary<string, string> Of(KafkaConnectionSettings settings)
    {
        var keys = new Dictionary<string, string>
        {
            ["bootstrap.servers"] = string.Join(',', settings.BootstrapServers),
            ["client.id"] = settings.ClientId,
            ["security.protocol"] = settings.SecurityProtocol.KafkaName().ToLowerInvariant(),
            ["socket.connection.setup.timeout.ms"] = Milliseconds(settings.ConnectTimeout, min: 1_000),
            ["socket.timeout.ms"] = Milliseconds(settings.RequestTimeout, min: 10),
            ["connections.max.idle.ms"] = Milliseconds(settings.IdleTimeout, min: 0),
        };
        if (settings.SecurityProtocol.UsesTls())
        {
            AddIfSet("ssl.ca.pem", settings.CaPem);
            AddIfSet("ssl.certificate.pem", settings.ClientCertificatePem);
            AddIfSet("ssl.key.pem", settings.ClientKeyPem);
            AddIfSet("ssl.key.password", settings.ClientKeyPassword);
            keys["ssl.endpoint.identification.algorithm"] = settings.VerifyHostname ? "https" : "none";
        }

        if (settings.SecurityProtocol.UsesSasl() && settings.SaslMechanism is { } mechanism)
        {
            keys["sasl.mechanism"] = mechanism.KafkaName();
            AddIfSet("sasl.username", settings.Username);
            AddIfSet("sasl.password", settings.Password);
        }

        return keys;

        void AddIfSet(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                keys[key] = value;
            }
        }
    }

    private static string Milliseconds(TimeSpan time, int min) =>
        Math.Max(min, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
