using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ControlPlane.Hosting;

/// <summary>What a start can fail by, told as what, where, expected and next step; null for what is a bug and deserves its stack trace.</summary>
internal static class StartFailures
{
    public const int ExitCode = 3;

    public static string? Explain(Exception exception, IConfiguration configuration) => exception switch
    {
        OptionsValidationException options => Settings(options.Failures),
        AggregateException { InnerExceptions: var inner } when inner.All(one => one is OptionsValidationException) =>
            Settings(inner.SelectMany(one => ((OptionsValidationException)one).Failures)),
        InvalidOperationException { InnerException: FormatException or ArgumentException } binding when binding.Message.Contains("configuration", StringComparison.OrdinalIgnoreCase) =>
            Settings([$"{binding.Message} {binding.InnerException!.Message}"]),
        IOException { InnerException: AddressInUseException } inUse =>
            $"Can't start: {inUse.Message.TrimEnd('.')}. Another process listens on that port. Stop it, or give another port with ASPNETCORE_URLS (or ./run --port).",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AccessDenied } socket =>
            $"Can't start: can't listen on {configuration["urls"] ?? configuration["ASPNETCORE_URLS"]}: {socket.Message}. Expected an address of this machine and a port that this user may open.",
        IOException { InnerException: SocketException socket } =>
            $"Can't start: can't listen on {configuration["urls"] ?? configuration["ASPNETCORE_URLS"]}: {socket.Message}. Expected an address of this machine and a port that this user may open.",
        _ => null,
    };

    private static string Settings(IEnumerable<string> failures) =>
        "Can't start: these settings are wrong (environment variables write ':' as '__'):" + Environment.NewLine
        + string.Join(Environment.NewLine, failures.Select(failure => $"  {failure}"));
}
