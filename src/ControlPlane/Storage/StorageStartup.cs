using Microsoft.Extensions.Options;

namespace ControlPlane.Storage;

/// <summary>Waits for the database, prepares it and says so; never gives up on one that only does not answer yet.</summary>
internal sealed partial class StorageStartup(
    DatabaseSetup setup,
    StorageState state,
    IOptions<StorageOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<StorageStartup> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await PrepareAsync(stoppingToken);
        }
        catch (StorageRefusedException ex)
        {
            state.Refuse(ex);
            LogRefused(ex.Message);
            Environment.ExitCode = 3;
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                state.Report(state.Status with { Phase = StoragePhase.Migrating, Tries = tries });
                await setup.RunAsync(cancellationToken);
                state.Report(new StorageStatus(StoragePhase.Ready, null, tries));
                LogReady(tries);
                return;
            }
            catch (StorageUnavailableException ex)
            {
                state.Report(new StorageStatus(StoragePhase.Connecting, ex.Message, tries));
                LogWaiting(ex.Message, options.Value.RetryInterval);
                await Task.Delay(options.Value.RetryInterval, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is ready after {Tries} tries")]
    private partial void LogReady(int tries);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the database. {Problem}. Next try in {Pause}")]
    private partial void LogWaiting(string problem, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Can't start: {Problem}")]
    private partial void LogRefused(string problem);
}
