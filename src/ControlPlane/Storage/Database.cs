using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>The one door to PostgreSQL: opens connections and turns driver errors into what an operator can act on.</summary>
internal sealed class Database(
    NpgsqlDataSource source,
    IDbContextFactory<StorageContext> contexts,
    IOptions<StorageOptions> options)
{
    private const int ReadTries = 3;

    public string Name { get; } = StorageFaults.Describe(options.Value.ConnectionString);

    /// <summary>Runs a question again when the connection broke under it: asking twice changes nothing.</summary>
    public async Task<T> ReadAsync<T>(
        string what, Func<StorageContext, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteAsync(what, read, cancellationToken);
            }
            catch (StorageUnavailableException ex) when (ex.Fault == StorageFault.Disconnected && attempt < ReadTries)
            {
                // A pool full of connections from before a database restart: the next one is fresh or tells the truth.
                source.Clear();
            }
        }
    }

    /// <summary>Runs once; where the outcome of a commit is unknown, only the caller can know whether to repeat.</summary>
    public Task<T> WriteAsync<T>(
        string what, Func<StorageContext, CancellationToken, Task<T>> write, CancellationToken cancellationToken) =>
        TranslatedAsync(what, async () =>
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            return await write(context, cancellationToken);
        }, cancellationToken);

    /// <summary>As <see cref="WriteAsync"/>; part of the running <see cref="AuditedChange"/> where there is one, and then stored only with its entry.</summary>
    public Task<T> ChangeAsync<T>(string what, Func<StorageContext, CancellationToken, Task<T>> change, CancellationToken cancellationToken) =>
        AuditedChange.Running is { } running
            ? TranslatedAsync(what, () => running.JoinAsync(change, cancellationToken), cancellationToken)
            : WriteAsync(what, change, cancellationToken);

    /// <summary>As <see cref="ChangeAsync"/>, for statements of which all or none must hold.</summary>
    public Task<T> ChangeTogetherAsync<T>(string what, Func<StorageContext, CancellationToken, Task<T>> change, CancellationToken cancellationToken) =>
        ChangeAsync(what, async (context, token) =>
        {
            if (context.Database.CurrentTransaction is not null)
            {
                return await change(context, token);
            }

            await using var transaction = await context.Database.BeginTransactionAsync(token);
            var result = await change(context, token);
            await transaction.CommitAsync(token);
            return result;
        }, cancellationToken);

    public AuditedChange BeginAudited() => AuditedChange.Begin(contexts);

    /// <summary>Plain SQL on one connection, with the same error translation.</summary>
    public Task<T> SqlAsync<T>(
        string what, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        TranslatedAsync(what, async () =>
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            return await work(connection, cancellationToken);
        }, cancellationToken);

    /// <summary>Runs work of one's own on the database with the same error translation.</summary>
    public async Task<T> TranslatedAsync<T>(string what, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested && StorageFaults.Classify(ex) is not null)
        {
            throw StorageFaults.Translate(ex, what, Name);
        }
    }
}
