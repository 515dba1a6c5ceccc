using System.Data.Common;
using System.Globalization;
using ControlPlane.Storage.Migrations;
using Npgsql;
using Quartz;

namespace ControlPlane.Storage.Jobs;

/// <summary>Quartz on the shared database: every process runs a scheduler, each job runs on one of them.</summary>
internal static class StorageJobServices
{
    public const string SchedulerName = "kcp";

    private static readonly TimeSpan RetentionInterval = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan CheckinInterval = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddStorageJobs(this IServiceCollection services, IConfiguration configuration)
    {
        var rollupInterval = RollupInterval(configuration);
        services.AddSingleton<DbDataSource>(provider => provider.GetRequiredService<NpgsqlDataSource>());
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = SchedulerName;
                scheduler.GenerateInstanceId = true;
            });
            quartz.UseDefaultThreadPool(maxConcurrency: 2);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(source => source.UseRegisteredDataSource = true);
                store.ConfigureStore(options => options.TablePrefix = SchedulerMigration.TablePrefix);
                store.UseClustering(cluster => cluster.CheckinInterval = CheckinInterval);
            });
            Schedule<RollupJob>(quartz, "rollup", rollupInterval);
            Schedule<RetentionJob>(quartz, "retention", RetentionInterval);
        });
        services.AddHostedService<SchedulerService>();
        return services;
    }

    /// <summary>Triggers are made before options are validated, so a bad value must not fail here: the validator explains it.</summary>
    private static TimeSpan RollupInterval(IConfiguration configuration) =>
        TimeSpan.TryParse(configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.RollupInterval)}"], CultureInfo.InvariantCulture, out var interval)
        && interval > TimeSpan.Zero
            ? interval
            : new StorageOptions().RollupInterval;

    private static void Schedule<TJob>(IQuartzBuilder quartz, string name, TimeSpan interval)
        where TJob : class, IJob =>
        quartz.ScheduleJob<TJob>(
            trigger => trigger.WithIdentity(name, "storage").WithSimpleSchedule(interval),
            job => job.WithIdentity(name, "storage"));
}
