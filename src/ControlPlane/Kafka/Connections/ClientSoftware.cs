using System.Reflection;

namespace ControlPlane.Kafka.Connections;

/// <summary>How we introduce ourselves: letters, digits, dots and dashes only, or a broker refuses the request.</summary>
internal static class ClientSoftware
{
    public const string Name = "kafka-control-plane";

    public static string Version { get; } = Clean(
        typeof(ClientSoftware).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    internal static string Clean(string? version)
    {
        var release = (version ?? "").Split('+')[0]; // without build metadata
        var clean = string.Concat(release.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-')).Trim('.', '-');
        return clean.Length > 0 ? clean : "0";
    }
}
