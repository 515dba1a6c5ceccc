using System.Diagnostics;

namespace ControlPlane.Cli.Tests.Scripts;

/// <summary>The checkout that these tests were built from, and how to run its scripts.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static Task<ScriptRun> RunAsync(string script, IReadOnlyDictionary<string, string?> environment, params string[] args) =>
        RunAsync(script, environment, TimeSpan.FromSeconds(180), args);

    public static async Task<ScriptRun> RunAsync(string script, IReadOnlyDictionary<string, string?> environment, TimeSpan patience, params string[] args)
    {
        using var process = Start(script, environment, args);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return new ScriptRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public static Process Start(string script, IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        var start = new ProcessStartInfo("bash") { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(Root, script));
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{script} did not start");
        process.StandardInput.Close();
        return process;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No ControlPlane.sln above {AppContext.BaseDirectory}");
    }
}

internal sealed record ScriptRun(int ExitCode, string Out, string Error);
