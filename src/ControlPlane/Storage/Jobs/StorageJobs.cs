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
        LogRemoved(removed.History, removed.Audit, removed.Tokens, removed.Processes, removed.Anomalies);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Retention removed {History} history frames, {Audit} audit entries, {Tokens} tokens, {Processes} processes, {Anomalies} anomalies")]
    private partial void LogRemoved(long history, long audit, long tokens, long processes, long anomalies);
        LogRemoved(removed.History, removed.Audit, removed.Tokens, removed.Processes, removed.Deliveries);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Retention removed {History} history frames, {Audit} audit entries, {Tokens} tokens, {Processes} processes, {Deliveries} deliveries")]
    private partial void LogRemoved(long history, long audit, long tokens, long processes, long deliveries);
}
