using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ControlPlane.Storage;

/// <summary>One round trip to the database, none while it is not prepared yet.</summary>
internal sealed class StorageHealth(Database database, StorageState state) : IHealthCheck
{
    public const string Name = "storage";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = state.Status;
        if (status.Phase != StoragePhase.Ready)
        {
            return HealthCheckResult.Unhealthy(status.Problem ?? $"The database is not ready: {status.Phase}.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var readOnly = await database.SqlAsync("check the database", async (connection, token) =>
            {
                await using var command = connection.Command("SELECT current_setting('transaction_read_only') = 'on'");
                return await command.ExecuteScalarAsync(token) is true;
            }, limit.Token);
            return readOnly
                ? HealthCheckResult.Degraded($"{database.Name} accepts no writes. Point Storage:ConnectionString to the primary.")
                : HealthCheckResult.Healthy(database.Name);
        }
        catch (StorageUnavailableException ex)
        {
            return HealthCheckResult.Unhealthy(ex.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"{database.Name} did not answer within {Patience.TotalSeconds} s.");
        }
    }
}
