using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>What was done to a simulated cluster, in JSON. The first entry only says when its world began.</summary>
internal sealed record SimulationLogEntry(long Sequence, DateTimeOffset At, string Command);

/// <summary>Keeps what was done to simulated clusters, so that their worlds outlive the process that they live in.</summary>
internal sealed class SimulationLog(Database database)
{
    /// <summary>Oldest first; none where the world has never begun.</summary>
    public Task<IReadOnlyList<SimulationLogEntry>> LoadAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<SimulationLogEntry>>("read what was done to a simulated cluster", async (context, token) =>
            (await context.SimulationLog.AsNoTracking().Where(row => row.Cluster == cluster).OrderBy(row => row.Sequence).ToListAsync(token))
                .ConvertAll(row => new SimulationLogEntry(row.Sequence, row.At, row.Command)), cancellationToken);

    /// <summary>Forgets what was done: the world begins at this time.</summary>
    public Task BeginAsync(ClusterId cluster, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ChangeAsync("begin a simulated cluster", (context, token) => context.Database.ExecuteSqlAsync(
            $$"""
            DELETE FROM simulation_log WHERE cluster = {{cluster.Value}};
            INSERT INTO simulation_log (cluster, sequence, at, command) VALUES ({{cluster.Value}}, 0, {{at.ToUniversalTime()}}, '{}');
            """,
            token), cancellationToken);

    /// <summary>False where another process has stored something under that sequence already: it goes on with the world.</summary>
    public async Task<bool> AppendAsync(ClusterId cluster, SimulationLogEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await database.SqlAsync("store what is done to a simulated cluster", async (connection, token) =>
            {
                await using var command = connection.Command(
                    "INSERT INTO simulation_log (cluster, sequence, at, command) VALUES ($1, $2, $3, $4::jsonb)", cluster.Value, entry.Sequence, entry.At.ToUniversalTime(), entry.Command);
                return await command.ExecuteNonQueryAsync(token) == 1;
            }, cancellationToken);
        }
        catch (PostgresException ex) when (ex.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation)
        {
            return false; // or the cluster was removed
        }
    }
}
