using Microsoft.Extensions.Options;
using Quartz;

namespace ControlPlane.Storage.Jobs;

/// <summary>Starts Quartz once its tables are there; Quartz's own hosted service would fail the start of the product instead.</summary>
internal sealed partial class SchedulerService(
    ISchedulerFactory schedulers,
    StorageState state,
    IOptions<StorageOptions> options,
    TimeProvider time,
    ILogger<SchedulerService> logger) : BackgroundService
{
    private IScheduler? _scheduler;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_scheduler is not null)
        {
            await _scheduler.Shutdown(waitForJobsToComplete: false, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await state.WaitUntilReadyAsync(stoppingToken);
            while (!await TryStartAsync(stoppingToken))
            {
                await Task.Delay(options.Value.RetryInterval, time, stoppingToken);
            }
        }
        catch (Exception ex) when (ex is StorageRefusedException or OperationCanceledException)
        {
            // Told by StorageStartup, or the process stops.
        }
    }

    private async Task<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _scheduler = await schedulers.GetScheduler(cancellationToken);
            await _scheduler.Start(cancellationToken);
            return true;
        }
        catch (SchedulerException ex)
        {
            cancellationToken.ThrowIfCancellationRequested(); // Quartz wraps what a stop cut short, be it a commit or its look at the schema
            LogStartFailed(ex.Message, options.Value.RetryInterval, ex);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Recurring jobs do not run yet: {Problem}. Next try in {Pause}")]
    private partial void LogStartFailed(string problem, TimeSpan pause, Exception exception);
}
