using System.Diagnostics;
using System.Text.Json;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>kcp as its own process, as a person would run it, with the token of the product it talks to.</summary>
internal static class Kcp
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// What it wrote, once it has ended with this exit code; null: with any that tells a state and no failure. Where the picture is a moment too old
    /// to plan on, it is asked again.
    /// </summary>
    public static async Task<string> RunAsync(ProductProcess product, int? expected, CancellationToken cancellationToken, params string[] arguments)
    {
        var (code, output, error) = await TryAsync(product, cancellationToken, arguments);
        for (var began = Stopwatch.GetTimestamp(); code == 3 && IsEarly(error) && Stopwatch.GetElapsedTime(began) < Patience;)
        {
            (code, output, error) = await TryAsync(product, cancellationToken, arguments);
        }

        Assert.True(expected is null ? code is >= 0 and <= 2 : code == expected, $"kcp {string.Join(' ', arguments)} ended with {code}:\n{output}\n{error}");
        return output;
    }

    public static async Task<T> JsonAsync<T>(ProductProcess product, int? expected, CancellationToken cancellationToken, params string[] arguments)
    {
        var output = await RunAsync(product, expected, cancellationToken, [.. arguments, "--output", "json"]);
        return JsonSerializer.Deserialize<T>(output, Json.Options) ?? throw new InvalidOperationException($"kcp {string.Join(' ', arguments)} wrote null");
    }

    /// <summary>The refusal that a fresher picture ends.</summary>
    public static bool IsEarly(string said) => said.Contains("The picture is too incomplete to plan on", StringComparison.Ordinal);

    private static async Task<(int Code, string Output, string Error)> TryAsync(ProductProcess product, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "kcp.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KCP_URL"] = product.Address.ToString();
        start.Environment["KCP_TOKEN"] = product.Http.DefaultRequestHeaders.Authorization!.Parameter;
        using var process = Process.Start(start)!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
