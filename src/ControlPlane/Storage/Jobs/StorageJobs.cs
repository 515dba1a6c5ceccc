using Quartz;

namespace ControlPlane.Storage.Jobs;

/// <summary>Rolls history up. Runs on one process at a time, whichever Quartz gives it to.</summary>
[DisallowConcurrentExecution]
internal sealed class RollupJob(HistoryRollups rollups) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await rollups.RollUpAsync(cancellationToken);
}

/// <summary>Removes what is older than its retention.</summary>
[DisallowConcurrentExecution]
internal sealed partial class RetentionJob(Retention retention, ILogger<RetentionJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var removed = await retention.RunAsync(cancellationToken);
        LogRemoved(removed);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Retention removed {Rows}")]
    private partial void LogRemoved(RemovedRows rows);
}
