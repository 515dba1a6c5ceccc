using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>
/// Migrations only go forward, in steps that the previous version of the product survives: add first, use in the
/// same release, remove in a later one. Going back is restoring a backup.
/// </summary>
internal abstract class ForwardMigration : Migration
{
    protected sealed override void Down(MigrationBuilder migrationBuilder) =>
        throw new NotSupportedException("The schema only goes forward. To go back to an older version of the product, restore the backup made before the upgrade.");
}
