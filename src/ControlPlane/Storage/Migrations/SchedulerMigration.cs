using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Quartz;

namespace ControlPlane.Storage.Migrations;

/// <summary>
/// The tables of Quartz, from the script inside the Quartz package: it creates what is missing and drops nothing.
/// An upgrade of Quartz that needs more columns adds a migration that adds them where they are missing.
/// </summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000003_Scheduler")]
internal sealed class SchedulerMigration : ForwardMigration
{
    public const string TablePrefix = "qrtz_";

    private const string Script = "Quartz.Impl.AdoJobStore.Schema.create_postgres.sql";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        using var stream = typeof(IScheduler).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"The Quartz package holds no {Script} any more. Adapt {nameof(SchedulerMigration)} to its new place.");
        using var reader = new StreamReader(stream);
        var sql = reader.ReadToEnd()
            .Replace("{0}", TablePrefix, StringComparison.Ordinal)
            .Replace("{1}", TablePrefix, StringComparison.Ordinal);
        foreach (var statement in sql.Split("\n--;;", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            migrationBuilder.Sql(statement);
        }
    }
}
