using System.Collections.Concurrent;
using ControlPlane.Clusters;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Alerts;

/// <summary>
/// Sends what is in the outbox. Runs in every process: each claims what is due and has room for; a slow target fills only its own
/// room.
/// </summary>
internal sealed partial class Dispatcher(
    DeliveryQueue queue, DeliverySender sender, AlertWake wake, AlertHealth health, ProcessIdentity process, IOptions<AlertsOptions> options) : BackgroundService
{
    private readonly ConcurrentDictionary<Guid, int> _underWay = new();
    private readonly ConcurrentDictionary<Guid, Task> _sending = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await health.WaitUntilReadyAsync(stoppingToken);
            while (true)
            {
                await TryRoundAsync(stoppingToken);
                await wake.WaitAsync(options.Value.PollInterval, stoppingToken);
            }
        }
        catch (Exception ex) when (ex is OperationCanceledException or StorageRefusedException)
        {
            // The process stops, or StorageStartup has said why it will.
        }

        await Task.WhenAll(_sending.Values); // each has been told to stop and writes down where it was
    }

    private async Task TryRoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            await health.ReadFiguresAsync(cancellationToken);
            foreach (var target in await queue.ListDueTargetsAsync(options.Value.BreakAfter, cancellationToken))
            {
                var room = options.Value.ConcurrencyPerTarget - _underWay.GetValueOrDefault(target.Id);
                if (room > 0)
                {
                    await ClaimAsync(target.Id, room, cancellationToken);
                }
            }

            health.Recovered();
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            health.Failed(ex); // the next round tries again; nothing is lost meanwhile
        }
    }

    private async Task ClaimAsync(Guid target, int room, CancellationToken cancellationToken)
    {
        var claimedAt = health.Time.GetTimestamp();
        foreach (var claim in await queue.ClaimAsync(target, process.Id, room, options.Value.ClaimLease, options.Value.BreakAfter, cancellationToken))
        {
            _underWay.AddOrUpdate(target, 1, static (_, count) => count + 1);
            var sending = SendAsync(claim, claimedAt, cancellationToken);
            _sending[claim.Id] = sending;
            _ = sending.ContinueWith((_, id) => _sending.TryRemove((Guid)id!, out var _), claim.Id, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task SendAsync(DeliveryClaim claim, long claimedAt, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            await sender.SendAsync(claim, claimedAt, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Its claim runs out and another process sends it.
        }
        catch (Exception ex)
        {
            health.Failed(ex);
        }
        finally
        {
            _underWay.AddOrUpdate(claim.Target, 0, static (_, count) => count - 1);
            wake.Nudge();
        }
    }
}

/// <summary>What the sender knows of the database: whether it is ready, what it counts, and since when it fails.</summary>
internal sealed partial class AlertHealth(StorageState storage, DeliveryQueue queue, AlertMeter meter, TimeProvider time, ILogger<AlertHealth> logger)
{
    private static readonly TimeSpan FiguresInterval = TimeSpan.FromSeconds(5);

    private long? _counted;
    private volatile bool _isFailing;

    public TimeProvider Time => time;

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => storage.WaitUntilReadyAsync(cancellationToken);

    public async Task ReadFiguresAsync(CancellationToken cancellationToken)
    {
        if (_counted is { } counted && time.GetElapsedTime(counted) < FiguresInterval)
        {
            return;
        }

        meter.Read(await queue.ReadFiguresAsync(cancellationToken));
        _counted = time.GetTimestamp();
    }

    /// <summary>Said once until it works again, where the database is away; each time where it is something else.</summary>
    public void Failed(Exception exception)
    {
        if (exception is not StorageUnavailableException)
        {
            LogBroken(exception);
        }
        else if (!_isFailing)
        {
            LogFailing(exception.Message);
        }

        _isFailing = true;
    }

    public void Recovered()
    {
        if (_isFailing)
        {
            LogRecovered();
        }

        _isFailing = false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Alerts wait in the outbox: {Problem}")]
    private partial void LogFailing(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sending alerts failed in a way that should not happen; it is tried again")]
    private partial void LogBroken(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Alerts are sent again")]
    private partial void LogRecovered();
}
