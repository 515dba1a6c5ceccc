using ControlPlane.Storage.Jobs;
using ControlPlane.Storage.Secrets;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Composition of the storage; stores are usable once <see cref="StorageState.WaitUntilReadyAsync"/> completes.</summary>
internal static class StorageServices
{
    private const string ApplicationName = "kafka-control-plane";

    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => OpenDataSource(provider.GetRequiredService<IOptions<StorageOptions>>().Value, provider.GetService<ILoggerFactory>()));
        services.AddDbContextFactory<StorageContext>((provider, builder) => Configure(builder, provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<Database>();
        services.AddSingleton<StorageState>();
        services.AddSingleton<DatabaseSetup>();
        services.AddHostedService<StorageStartup>(); // before AddDataProtection: its own hosted service reads the key table
        AddSecrets(services);
        AddStores(services);
        services.AddHealthChecks().AddCheck<StorageHealth>(StorageHealth.Name, tags: ["ready"]);
        return services.AddStorageJobs(configuration);
    }

    /// <summary>The model needs no snapshot file: a test compares it with the migrated database instead.</summary>
    public static void Configure(DbContextOptionsBuilder builder, NpgsqlDataSource source) => builder
        .UseNpgsql(source, npgsql => npgsql.MigrationsHistoryTable("schema_migrations"))
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    private static void AddSecrets(IServiceCollection services)
    {
        // Lazy: the framework builds its data protection before anybody could explain why the key file can't be read.
        services.AddSingleton(provider => new Lazy<MasterKeys>(() => MasterKeys.Load(provider.GetRequiredService<IOptions<StorageOptions>>().Value.MasterKeyFile)));
        services.AddSingleton<SecretBox>();
        services.AddSingleton<MasterKeyCheck>();
        services.AddSingleton<SecretReseal>();
        services.AddSingleton<DataProtectionKeyRepository>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, ConfigureDataProtectionKeys>();
        services.AddDataProtection(options => options.ApplicationDiscriminator = ApplicationName);
    }

    private static void AddStores(IServiceCollection services)
    {
        services.AddSingleton<ClusterStore>();
        services.AddSingleton<OwnershipStore>();
        services.AddSingleton<ProcessStore>();
        services.AddSingleton<EpochGuard>();
        services.AddSingleton<PasswordCheck>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<AuditStore>();
        services.AddSingleton<HistoryStore>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<HistoryRollups>();
        services.AddSingleton<AnomalyStore>();
        services.AddSingleton<HealingStore>();
        services.AddSingleton<HealingDecisions>();
        services.AddSingleton<SimulationLog>();
        services.AddSingleton<AlertTargetStore>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<DeliveryQueue>();
        services.AddSingleton<PlanStore>();
        services.AddSingleton<Retention>();
        services.AddSingleton<ExecutionStore>();
        services.AddSingleton<CapacityStore>();
        services.AddSingleton<LagMemoryStore>();
    }

    private static NpgsqlDataSource OpenDataSource(StorageOptions options, ILoggerFactory? loggers)
    {
        var builder = new NpgsqlDataSourceBuilder(options.ConnectionString);
        builder.ConnectionStringBuilder.ApplicationName ??= ApplicationName;
        builder.ConnectionStringBuilder.CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);
        builder.ConnectionStringBuilder.Timezone = "UTC";
        return builder.UseLoggerFactory(loggers).Build();
    }
}
