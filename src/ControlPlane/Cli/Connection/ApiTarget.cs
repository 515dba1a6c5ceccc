using System.Text.Json;

namespace ControlPlane.Cli.Connection;

/// <summary>Which control plane is asked, and with which token.</summary>
internal sealed record ApiTarget(Uri Url, string Token)
{
    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>What was said on the command line wins over the environment, and that over the file ./run wrote.</summary>
    public static ApiTarget Resolve(string? url, string? token, string? tokenFile, Func<string, string?> environment)
    {
        url ??= NullIfEmpty(environment("KCP_URL"));
        token ??= tokenFile is null ? NullIfEmpty(environment("KCP_TOKEN")) : null;
        tokenFile ??= token is null ? NullIfEmpty(environment("KCP_TOKEN_FILE")) : null;
        if (token is null)
        {
            var (fileUrl, fileToken) = ReadTokenFile(tokenFile ?? DefaultTokenFile(url, environment), isDefault: tokenFile is null);
            return new ApiTarget(ParseUrl(url ?? fileUrl), fileToken);
        }

        return new ApiTarget(ParseUrl(url), token);
    }

    /// <summary>./run writes local.json for the newest start and PORT.json for each.</summary>
    private static string DefaultTokenFile(string? url, Func<string, string?> environment)
    {
        var state = NullIfEmpty(environment("XDG_STATE_HOME")) ?? Path.Combine(environment("HOME") ?? "/", ".local", "state");
        var name = "local";
        if (url is not null)
        {
            var wanted = ParseUrl(url);
            if (!wanted.IsLoopback)
            {
                throw new CliException($"No token for {wanted}", "--token, --token-file or KCP_TOKEN", "create one on the Admin page, or with 'kcp tokens create' where you already have access");
            }

            name = wanted.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return Path.Combine(state, "kcp", $"{name}.json");
    }

    private static (string? Url, string Token) ReadTokenFile(string path, bool isDefault)
    {
        if (!File.Exists(path))
        {
            throw isDefault
                ? new CliException($"No control plane of this user runs here: there is no {path}", "a running ./run, or --url with --token", "start one with ./run, or name another: kcp --url URL --token-file FILE")
                : new CliException($"--token-file {path} does not exist", "a file with a token", "check its name");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersMay) != UnixFileMode.None)
        {
            throw new CliException($"The token file {path} is open to other users", "a file that only you read and write", $"chmod 600 {path}; if others may have read it, revoke the token");
        }

        var text = ReadText(path).Trim();
        if (!text.StartsWith('{'))
        {
            return text.Length > 0 ? (null, text) : throw Damaged(path, null);
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            var token = json.RootElement.GetProperty("token").GetString();
            var url = json.RootElement.TryGetProperty("url", out var value) ? value.GetString() : null;
            return string.IsNullOrWhiteSpace(token) ? throw Damaged(path, null) : (url, token);
        }
        catch (Exception ex) when (ex is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged(path, ex);
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The token file {path} cannot be read: {ex.Message}", "a file that you may read", "check its owner and permissions", ex);
        }
    }

    private static CliException Damaged(string path, Exception? inner) =>
        new($"The token file {path} holds no token", "the token alone, or {\"url\": ..., \"token\": ...}", "start ./run again, which writes it anew", inner);

    private static Uri ParseUrl(string? url)
    {
        if (url is null)
        {
            throw new CliException("Which control plane?", "--url or KCP_URL beside the token", "for example --url http://127.0.0.1:8480");
        }

        return Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.Query.Length == 0
            ? new Uri(parsed.AbsoluteUri.TrimEnd('/') + "/")
            : throw new CliException($"'{url}' is no URL of a control plane", "http://HOST:PORT or https://HOST[:PORT]", "for example --url http://127.0.0.1:8480");
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
