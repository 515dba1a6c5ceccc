using ControlPlane.Host.Tests.Api;
using ControlPlane.Storage;
using ControlPlane.Storage.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;

namespace ControlPlane.Host.Tests.Storage;

public sealed class JobTests(StorageServer server) : StorageTests(server)
{
    [Fact]
    public async Task Two_schedulers_on_one_database_run_each_firing_once()
    {
        const int Firings = 20;
        await Storage.ExecuteAsync("CREATE TABLE firings (at timestamptz, instance text)", Token);
        await using var other = AnotherProcess();
        var first = await StartAsync(Storage);
        var second = await StartAsync(other);
        var job = JobBuilder.Create<FiringJob>().WithIdentity("count", "test").Build();
        var trigger = TriggerBuilder.Create().WithIdentity("count", "test")
            .WithSimpleSchedule(TimeSpan.FromMilliseconds(100), Firings - 1).Build();

        await first.ScheduleJob(job, trigger, cancellationToken: Token);
        await UntilAsync("SELECT NOT EXISTS (SELECT FROM qrtz_triggers WHERE trigger_name = 'count')");
        await UntilAsync($"SELECT count(*) >= {Firings} FROM firings");

        Assert.NotEqual(first.SchedulerInstanceId, second.SchedulerInstanceId);
        Assert.Equal(Firings, await Storage.ScalarAsync<long>("SELECT count(DISTINCT at) FROM firings", Token));
        Assert.Equal(Firings, await Storage.ScalarAsync<long>("SELECT count(*) FROM firings", Token));
        await StopAsync(Storage);
        await StopAsync(other);
    }

    [Fact]
    public async Task The_roll_up_and_retention_jobs_are_scheduled_once_and_run()
    {
        await using var other = AnotherProcess();
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var lease = await Storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token);
        var old = TimeProvider.System.GetUtcNow().AddMinutes(-10);
        await Storage.Get<HistoryStore>().AppendAsync(lease!, [HistoryFrame.OfCluster("m", TimeSpan.FromSeconds(15), old, 4)], Token);

        await StartAsync(Storage);
        await StartAsync(other);

        await UntilAsync("SELECT EXISTS (SELECT FROM history_minute)");

        Assert.Equal(2, await Storage.ScalarAsync<long>("SELECT count(*) FROM qrtz_triggers", Token));
        await UntilAsync("SELECT count(*) = 2 FROM qrtz_scheduler_state");
        await StopAsync(Storage);
        await StopAsync(other);
    }

    [Fact]
    public async Task A_start_that_a_stop_cuts_short_is_no_failure()
    {
        using var lines = new LogLines();
        Storage.Get<ILoggerFactory>().AddProvider(lines);
        await using var holder = await Storage.Get<NpgsqlDataSource>().OpenConnectionAsync(Token);
        await using var hold = await holder.BeginTransactionAsync(Token);
        await using var command = holder.Command("LOCK TABLE qrtz_locks, qrtz_triggers, qrtz_job_details, qrtz_paused_trigger_grps IN ACCESS EXCLUSIVE MODE");
        await command.ExecuteNonQueryAsync(Token);

        Storage.Get<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
        await ServiceOf(Storage).StartAsync(Token);
        await UntilAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");
        await StopAsync(Storage);

        Assert.True(ServiceOf(Storage).ExecuteTask!.IsCompletedSuccessfully);
        Assert.DoesNotContain(nameof(SchedulerService), lines.Text, StringComparison.Ordinal);
    }

    private static SchedulerService ServiceOf(TestStorage storage) =>
        storage.Services.GetServices<IHostedService>().OfType<SchedulerService>().Single();

    private static async Task<IScheduler> StartAsync(TestStorage storage)
    {
        storage.Get<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
        await ServiceOf(storage).StartAsync(Token);
        await ServiceOf(storage).ExecuteTask!;
        return await storage.Get<ISchedulerFactory>().GetScheduler(Token);
    }

    private static Task StopAsync(TestStorage storage) => ServiceOf(storage).StopAsync(Token);
}

/// <summary>Writes down which firing it was.</summary>
internal sealed class FiringJob(NpgsqlDataSource source) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command("INSERT INTO firings VALUES ($1, $2)", context.ScheduledFireTimeUtc, context.Scheduler.SchedulerInstanceId);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
