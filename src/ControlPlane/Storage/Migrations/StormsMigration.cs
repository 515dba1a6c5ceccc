using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>As of when an alert that grows was told; null for all that are told once.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261122000001_Storms")]
internal sealed class StormsMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE alerts ADD COLUMN told_at timestamptz;");
}
