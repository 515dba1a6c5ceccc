using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ControlPlane.Storage;

/// <summary>
/// What one audited request changes in PostgreSQL: one transaction with its audit entry, so that both are stored or neither is.
/// While it is open, changes of stores that are made in the same flow of calls join it through <see cref="Database.ChangeAsync"/>;
/// reads do not and see what was there before. It begins with the first change; disposing it without a commit undoes all.
/// </summary>
internal sealed class AuditedChange : IAsyncDisposable
{
    private static readonly AsyncLocal<AuditedChange?> Current = new();

    private readonly IDbContextFactory<StorageContext> _contexts;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private StorageContext? _context;
    private IDbContextTransaction? _transaction;
    private bool _isOver;

    private AuditedChange(IDbContextFactory<StorageContext> contexts) => _contexts = contexts;

    /// <summary>The one that changes made here join; null outside of an audited request.</summary>
    public static AuditedChange? Running => Current.Value is { _isOver: false } running ? running : null;

    /// <summary>Whether a store has changed something, so that the entry belongs into this transaction.</summary>
    public bool HasBegun => _transaction is not null;

    /// <summary>Once set, a failure leaves open whether the change is stored.</summary>
    public bool IsCommitting { get; private set; }

    /// <summary>For all that the caller awaits until this is disposed.</summary>
    public static AuditedChange Begin(IDbContextFactory<StorageContext> contexts)
    {
        var change = new AuditedChange(contexts);
        Current.Value = change;
        return change;
    }

    public async Task<T> JoinAsync<T>(Func<StorageContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            if (_context is null)
            {
                _context = await _contexts.CreateDbContextAsync(cancellationToken);
                _transaction = await _context.Database.BeginTransactionAsync(cancellationToken);
            }

            _context.ChangeTracker.Clear(); // each change starts from what the database holds
            return await work(_context, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stores the entry and with it everything that joined. Not cancellable: whoever hangs up after a change must not undo it.</summary>
    public Task<StoredAuditEntry> CommitAsync(AuditRow row, AuditEntry entry) => JoinAsync(async (context, token) =>
    {
        context.Add(row);
        await context.SaveChangesAsync(token);
        IsCommitting = true;
        await _transaction!.CommitAsync(token);
        return new StoredAuditEntry(row.Id, row.At, entry);
    }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        Current.Value = null;
        if (_transaction is not null)
        {
            await _transaction.DisposeAsync();
        }

        if (_context is not null)
        {
            await _context.DisposeAsync();
        }

        _turn.Dispose();
    }
}
