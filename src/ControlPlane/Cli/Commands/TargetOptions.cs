using System.CommandLine;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>What a target is, said with options. Its secret comes from a file, stdin or the environment, so that 'ps' never shows it.</summary>
internal sealed class TargetOptions
{
    private const string SecretVariable = "KCP_TARGET_SECRET";

    private readonly Option<string?> _url = new("--to") { Description = "Where it listens; for PagerDuty only where it is not the public one", HelpName = "URL" };
    private readonly Option<string?> _secret = new("--secret-file") { Description = $"Signing secret or integration key on its first line; - for stdin. Else {SecretVariable} is read", HelpName = "FILE" };
    private readonly Option<string?> _severity = Choice.Of<string?>("--min-severity", "Less urgent alerts are not sent", "WORD", null, ("info", "info"), ("warning", "warning"), ("error", "error"), ("critical", "critical"));
    private readonly Option<string[]> _clusters = new("--cluster") { Description = "Only alerts of this cluster, may be repeated; 'all' for all", HelpName = "ID", DefaultValueFactory = _ => [] };
    private readonly Option<bool?> _enabled = new("--enabled") { Description = "false: nothing is sent to it", HelpName = "true|false" };

    public Option[] All => [_url, _secret, _severity, _clusters, _enabled];

    public bool AnyGiven(Invocation run) => All.Any(run.Has) || FromEnvironment(run) is not null;

    public AlertTargetRequest Read(Invocation run, string name, string kind, AlertTargetDto? stored) => new(
        name,
        kind,
        run.Get(_enabled) ?? stored?.IsEnabled,
        run.Get(_url) ?? stored?.Url,
        Secret(run),
        run.Get(_severity) ?? stored?.MinSeverity,
        Clusters(run, stored));

    private IReadOnlyList<string>? Clusters(Invocation run, AlertTargetDto? stored) => run.Get(_clusters) switch
    {
        [] => stored?.Clusters,
        ["all"] => null,
        var only => only,
    };

    private string? Secret(Invocation run)
    {
        if (run.Get(_secret) is not { } path)
        {
            return FromEnvironment(run);
        }

        string? line;
        try
        {
            line = path == "-" ? run.Console.In.ReadLine() : File.ReadLines(path).FirstOrDefault();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException($"{_secret.Name} {path} cannot be read: {ex.Message}", "a file that you may read", "check its name and permissions", ex);
        }

        return string.IsNullOrEmpty(line)
            ? throw new CliException($"{_secret.Name} {path} is empty", "the secret on its first line", "write it there, and chmod 600 the file")
            : line;
    }

    private static string? FromEnvironment(Invocation run) => run.Console.Environment(SecretVariable) is { Length: > 0 } secret ? secret : null;
}
