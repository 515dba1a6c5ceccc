using System.CommandLine;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>How to reach a Kafka cluster, said with options; secrets come from files, so that 'ps' never shows them.</summary>
internal sealed class ConnectionOptions
{
    private readonly Option<string?> _bootstrap = new("--bootstrap-server") { Description = "Addresses of brokers", HelpName = "HOST:PORT[,HOST:PORT]" };
    private readonly Option<string?> _protocol = new("--security-protocol") { Description = "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL", HelpName = "PROTOCOL" };
    private readonly Option<string?> _mechanism = new("--sasl-mechanism") { Description = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER", HelpName = "MECHANISM" };
    private readonly Option<string?> _user = new("--username") { Description = "For PLAIN and SCRAM", HelpName = "NAME" };
    private readonly Option<string?> _password = new("--password-file") { Description = "Its password, on the first line", HelpName = "FILE" };
    private readonly Option<string?> _ca = new("--ca") { Description = "PEM of the authority behind the brokers' certificates", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--cert") { Description = "PEM of our own certificate, for mutual TLS", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--key") { Description = "PEM of its key", HelpName = "FILE" };
    private readonly Option<bool> _anyHost = new("--skip-host-check") { Description = "Accept a certificate made out to another host name" };
    private readonly Option<string?> _tokenUrl = new("--token-url") { Description = "OAUTHBEARER: where tokens come from", HelpName = "URL" };
    private readonly Option<string?> _clientId = new("--client-id") { Description = "OAUTHBEARER: client id", HelpName = "ID" };
    private readonly Option<string?> _clientSecret = new("--client-secret-file") { Description = "OAUTHBEARER: the client secret, on the first line", HelpName = "FILE" };
    private readonly Option<string?> _scope = new("--scope") { Description = "OAUTHBEARER: scope, where the provider wants one", HelpName = "SCOPE" };

    public Option[] All => [_bootstrap, _protocol, _mechanism, _user, _password, _ca, _certificate, _key, _anyHost, _tokenUrl, _clientId, _clientSecret, _scope];

    public bool AnyGiven(Invocation run) => All.Any(run.Has);

    /// <summary>What was said, on top of what is stored where there is something; the API judges the whole.</summary>
    public ConnectionRequest Read(Invocation run, ConnectionDto? stored = null)
    {
        var servers = run.Get(_bootstrap) ?? stored?.BootstrapServers
            ?? throw new CliException("No address of the cluster", "--bootstrap-server HOST:PORT", "for example --bootstrap-server kafka-1:9092");
        return new ConnectionRequest
        {
            BootstrapServers = servers,
            SecurityProtocol = run.Get(_protocol)?.ToUpperInvariant() ?? stored?.SecurityProtocol ?? "PLAINTEXT",
            SaslMechanism = run.Get(_mechanism)?.ToUpperInvariant() ?? stored?.SaslMechanism,
            Username = run.Get(_user) ?? stored?.Username,
            Password = FirstLine(run, _password),
            CaCertificate = Pem(run, _ca) ?? stored?.CaCertificate,
            ClientCertificate = Pem(run, _certificate) ?? stored?.ClientCertificate,
            ClientKey = Pem(run, _key),
            VerifyHostname = run.Has(_anyHost) ? !run.Get(_anyHost) : stored?.VerifyHostname ?? true,
            OAuthTokenEndpoint = run.Get(_tokenUrl) ?? stored?.OAuthTokenEndpoint,
            OAuthClientId = run.Get(_clientId) ?? stored?.OAuthClientId,
            OAuthClientSecret = FirstLine(run, _clientSecret),
            OAuthScope = run.Get(_scope) ?? stored?.OAuthScope,
        };
    }

    private static string? FirstLine(Invocation run, Option<string?> option)
    {
        if (ReadFile(run, option) is not { } text)
        {
            return null;
        }

        var line = text.Split('\n', 2)[0].TrimEnd('\r');
        return line.Length > 0 ? line : throw new CliException($"{option.Name} {run.Get(option)} is empty", "the secret on its first line", "write it there, and chmod 600 the file");
    }

    private static string? Pem(Invocation run, Option<string?> option)
    {
        var text = ReadFile(run, option);
        return text is null || text.Contains("-----BEGIN ", StringComparison.Ordinal)
            ? text
            : throw new CliException($"{option.Name} {run.Get(option)} is no PEM file", "a text with -----BEGIN ...-----", "convert it: openssl x509 -inform der -in FILE -out FILE.pem");
    }

    private static string? ReadFile(Invocation run, Option<string?> option)
    {
        if (run.Get(option) is not { } path)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException($"{option.Name} {path} cannot be read: {ex.Message}", "a file that you may read", "check its name and permissions", ex);
        }
    }
}
