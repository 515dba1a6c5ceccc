using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;
using ClusterChange = ControlPlane.Clusters.ClusterChange;

namespace ControlPlane.Execution;

/// <summary>What the runner and its sessions work with.</summary>
internal sealed record ExecutionParts(
    ExecutionStore Store, ApprovedPlans Plans, ChangeHub Changes, ProcessIdentity Process, IOptions<ExecutionOptions> Options, TimeProvider Time);

/// <summary>
/// Carries out the approved plans of a cluster, one at a time, as long as this process owns it. Begins with what is unfinished in
/// the journal, whoever began it, and with the throttles that brokers still owe.
/// </summary>
internal sealed partial class ReassignmentRunner(ExecutionParts parts, ExecutionDesk desk, PlanApprovals approvals, ILogger<ReassignmentRunner> logger) : IClusterWork
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        if (cluster.Kafka.Operations is not { } kafka)
        {
            return;
        }

        var box = desk.Open(cluster.Id);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping); // whatever ends the work ends the listening, too
        var listening = ListenAsync(cluster.Id, box, ending.Token);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await RunSessionsAsync(cluster, kafka, box, stopping);
                await Task.Delay(parts.Options.Value.Idle, parts.Time, stopping);
            }
        }
        finally
        {
            desk.Close(cluster.Id, box);
            await ending.CancelAsync();
            await listening;
        }
    }

    /// <summary>An approval ends the wait for the next round.</summary>
    private async Task ListenAsync(ClusterId cluster, ExecutionMailbox box, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await approvals.WaitAsync(cluster, stopping);
                box.Pulse.Nudge();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>Runs until something outside fails; what is stored then is where the next try begins.</summary>
    private async Task RunSessionsAsync(OwnedCluster cluster, IKafkaOperations kafka, ExecutionMailbox box, CancellationToken stopping)
    {
        try
        {
            var sessions = new RunningSessions(cluster, kafka, parts);
            await sessions.LoadAsync(stopping);
            while (true)
            {
                var wait = await RoundAsync(cluster, sessions, box, stopping);
                box.Publish(sessions.Live);
                await box.Pulse.WaitAsync(wait, stopping);
            }
        }
        catch (Exception ex) when (ex is StorageUnavailableException or JournalConflictException or StaleEpochException or Npgsql.NpgsqlException)
        {
            LogInterrupted(cluster.Id, ex.Message);
        }
        catch (Exception ex) when (!stopping.IsCancellationRequested)
        {
            LogBroken(cluster.Id, ex); // an execution must not stand still until the cluster changes its owner
        }
    }

    /// <summary>How long to wait for the next round.</summary>
    private async Task<TimeSpan> RoundAsync(OwnedCluster cluster, RunningSessions sessions, ExecutionMailbox box, CancellationToken stopping)
    {
        var options = parts.Options.Value;
        box.Publish(sessions.Live);
        while (box.TryTake(out var letter))
        {
            await AnswerAsync(sessions, letter, stopping);
        }

        await sessions.PayDebtsAsync(stopping);
        if (sessions.Active is null && await parts.Plans.NextAsync(cluster.Id, stopping) is { } approved)
        {
            await sessions.StartAsync(approved, stopping);
        }

        if (sessions.Active is not { } active)
        {
            return options.Idle;
        }

        var before = active.Live.Progress.BytesDone;
        var happened = await active.LookAsync(sessions.Owed(active), stopping);
        if (active.State.IsEnded)
        {
            LogEnded(cluster.Id, active.Id, ExecutionSummary.Of(active.State).Word, ExecutionSummary.Of(active.State).Sentence);
            sessions.Retire(active);
        }
        else if (active.Live.Progress.BytesDone != before)
        {
            parts.Changes.Publish(new ClusterChange(cluster.Id, ChangeKind.Executions, 0));
        }

        return happened ? AtOnce : options.Look;
    }

    private static async Task AnswerAsync(RunningSessions sessions, CommandLetter letter, CancellationToken stopping)
    {
        CommandAnswer answer = new CommandAnswer.NotHere();
        try
        {
            if (sessions.Find(letter.Execution) is { } session)
            {
                answer = await session.ObeyAsync(letter.Command, stopping) is { } why ? new CommandAnswer.Refused(why) : new CommandAnswer.Taken(session.State);
            }
        }
        finally
        {
            letter.Answer.TrySetResult(answer);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: execution {Execution} is {Outcome}: {Sentence}")]
    private partial void LogEnded(ClusterId cluster, Guid execution, string outcome, string sentence);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: executions ended by an error. They go on from the journal")]
    private partial void LogBroken(ClusterId cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: executions are interrupted: {Problem} They go on from the journal")]
    private partial void LogInterrupted(ClusterId cluster, string problem);
}
