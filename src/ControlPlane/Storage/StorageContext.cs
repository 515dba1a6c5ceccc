using System.Text;
using ControlPlane.Engine.Model;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ControlPlane.Storage;

/// <summary>The EF Core view of the tables. Only stores see it; the schema itself is made by Migrations/.</summary>
internal sealed class StorageContext(DbContextOptions<StorageContext> options) : DbContext(options)
{
    public DbSet<ClusterRow> Clusters => Set<ClusterRow>();

    public DbSet<OwnershipRow> Ownership => Set<OwnershipRow>();

    public DbSet<ProcessRow> Processes => Set<ProcessRow>();

    public DbSet<UserRow> Users => Set<UserRow>();

    public DbSet<TokenRow> Tokens => Set<TokenRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<AnomalyRow> Anomalies => Set<AnomalyRow>();

    public DbSet<AnomalyTransitionRow> AnomalyTransitions => Set<AnomalyTransitionRow>();

    public DbSet<ClusterEventRow> Events => Set<ClusterEventRow>();

    public DbSet<HealingPolicyRow> HealingPolicies => Set<HealingPolicyRow>();

    public DbSet<HealingOverrideRow> HealingOverrides => Set<HealingOverrideRow>();

    public DbSet<HealingDecisionRow> HealingDecisions => Set<HealingDecisionRow>();

    public DbSet<PlanRow> Plans => Set<PlanRow>();

    public DbSet<ExecutionRow> Executions => Set<ExecutionRow>();

    public DbSet<ExecutionJournalRow> ExecutionJournal => Set<ExecutionJournalRow>();

    public DbSet<ExecutionThrottleRow> ExecutionThrottles => Set<ExecutionThrottleRow>();

    public DbSet<DataProtectionKeyRow> DataProtectionKeys => Set<DataProtectionKeyRow>();

    public DbSet<MasterKeyCheckRow> MasterKeyChecks => Set<MasterKeyCheckRow>();

    public DbSet<AlertTargetRow> AlertTargets => Set<AlertTargetRow>();

    public DbSet<AlertRow> Alerts => Set<AlertRow>();

    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    public DbSet<AttemptRow> Attempts => Set<AttemptRow>();

    public DbSet<ClusterCapacitiesRow> ClusterCapacities => Set<ClusterCapacitiesRow>();

    public DbSet<SimulationLogRow> SimulationLog => Set<SimulationLogRow>();

    public DbSet<LagMemoryRow> LagMemory => Set<LagMemoryRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<ClusterId>().HaveConversion<ClusterIdConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(
            typeof(StorageContext).Assembly, type => type.Namespace == typeof(ClusterRow).Namespace);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(SnakeCase(property.Name));
        }
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private sealed class ClusterIdConverter() : ValueConverter<ClusterId, string>(id => id.Value, text => new ClusterId(text));
}
