using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace ControlPlane.Hosting;

/// <summary>
/// What has to be done once the server listens and the database is ready: the address made known, the first admin created and told,
/// the token for the local command line written, clusters registered. Ready is what comes after that.
/// </summary>
internal sealed partial class FirstStart(
    IServer server,
    StartSteps steps,
    ProcessIdentity process,
    StartState state,
    IHostApplicationLifetime lifetime,
    ILogger<FirstStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            var url = steps.Options.AdvertisedAddress is { Length: > 0 } advertised ? advertised : Listening();
            process.Advertise(url.TrimEnd('/'));
            await steps.RunAsync(process.Address, stoppingToken);
            state.Complete();
            LogReady(process.Name, process.Address);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (StorageRefusedException)
        {
            // StorageStartup has said why and stops the process
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            LogFailed(ex.Message);
            Environment.ExitCode = 3;
            lifetime.StopApplication();
        }
    }

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The first address; one that means "all interfaces" is reached by this machine's name.</summary>
    private string Listening()
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost";
        return address.Replace("://[::]", $"://{Environment.MachineName}", StringComparison.Ordinal)
            .Replace("://0.0.0.0", $"://{Environment.MachineName}", StringComparison.Ordinal)
            .Replace("://*", $"://{Environment.MachineName}", StringComparison.Ordinal)
            .Replace("://+", $"://{Environment.MachineName}", StringComparison.Ordinal);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Process {Process} is ready at {Url}")]
    private partial void LogReady(string process, string url);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Can't start: {Problem}")]
    private partial void LogFailed(string problem);
}

/// <summary>Whether the start is complete; what /health/startup tells.</summary>
internal sealed class StartState
{
    private volatile bool _isComplete;

    public bool IsComplete => _isComplete;

    public void Complete() => _isComplete = true;
}

/// <summary>The steps of a start that need the database.</summary>
internal sealed class StartSteps(
    StorageState storage, UserStore users, TokenStore tokens, ClusterRegistration registration, OwnershipLoop ownership, IOptions<HostingOptions> options)
{
    private const string TokenName = "local command line";
    private const string Creator = "start";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public HostingOptions Options => options.Value;

    public async Task RunAsync(string url, CancellationToken cancellationToken)
    {
        while (true)
        {
            await storage.WaitUntilReadyAsync(cancellationToken);
            try
            {
                await TellFirstAdminAsync(url, cancellationToken);
                await WriteTokenAsync(url, cancellationToken);
                await registration.RunAsync(cancellationToken);
                ownership.Nudge(); // with the address known
                return;
            }
            catch (StorageUnavailableException ex) when (ex.IsTransient)
            {
                await Task.Delay(Pause, cancellationToken); // went away again right after it was ready
            }
        }
    }

    /// <summary>To the console and never to a log: it is a password.</summary>
    private async Task TellFirstAdminAsync(string url, CancellationToken cancellationToken)
    {
        if (await users.EnsureFirstAdminAsync(cancellationToken) is { } admin)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine($"  Kafka Control Plane   {url}");
            Console.Out.WriteLine($"  User                  {admin.Name}");
            Console.Out.WriteLine($"  One-time password     {admin.OneTimePassword}");
            Console.Out.WriteLine("  Shown only now; you choose your own at the first log-in.");
            Console.Out.WriteLine();
            await Console.Out.FlushAsync(cancellationToken);
        }
    }

    private async Task WriteTokenAsync(string url, CancellationToken cancellationToken)
    {
        if (Options.TokenFile.Length == 0)
        {
            return;
        }

        // Named after its file: another process beside this one has a file, and so a token, of its own.
        var name = $"{TokenName} on {Environment.MachineName}, {Path.GetFullPath(Options.TokenFile)}";
        foreach (var old in (await tokens.ListAsync(cancellationToken)).Where(token => token.Name == name && token.RevokedAt is null))
        {
            await tokens.RevokeAsync(old.Id, cancellationToken); // of an earlier start: its file is replaced now
        }

        var issued = await tokens.CreateAsync(name, Role.Admin, Creator, null, cancellationToken);
        var text = JsonSerializer.Serialize(new { url, token = issued.Secret });
        var partial = Options.TokenFile + ".new";
        var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Delete(partial);
        await using (var writer = new StreamWriter(partial, mode))
        {
            await writer.WriteLineAsync(text.AsMemory(), cancellationToken);
        }

        File.Move(partial, Options.TokenFile, overwrite: true); // whole or not at all
    }
}
