using System.Net;
using ControlPlane.Engine.Model;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Storage;

internal enum ActorKind
{
    User,
    Token,
    System,
}

internal enum AuditOutcome
{
    Succeeded,
    Refused,
    Failed,
}

/// <summary>Who did what to what, with the state before and after as JSON without secrets.</summary>
internal sealed record AuditEntry
{
    public required string Actor { get; init; }

    public required ActorKind ActorKind { get; init; }

    public IPAddress? SourceAddress { get; init; }

    public ClusterId? Cluster { get; init; }

    /// <summary>Dotted verb such as <c>cluster.add</c>.</summary>
    public required string Action { get; init; }

    public required string Target { get; init; }

    public string? Before { get; init; }

    public string? After { get; init; }

    public AuditOutcome Outcome { get; init; } = AuditOutcome.Succeeded;

    public string? Reason { get; init; }

    public string? CorrelationId { get; init; }
}

/// <summary>An entry of the trail.</summary>
internal sealed record StoredAuditEntry(long Id, DateTimeOffset At, AuditEntry Entry);

/// <summary>Which entries to show; null means any.</summary>
internal sealed record AuditFilter
{
    public ClusterId? Cluster { get; init; }

    public string? Actor { get; init; }

    /// <summary>The whole action, or its beginning up to a dot (<c>cluster</c> finds <c>cluster.add</c>).</summary>
    public string? Action { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>Part of actor, action, target or reason, in any case.</summary>
    public string? Text { get; init; }
}

/// <summary>Newest first. <paramref name="NextBefore"/> asks for the following page; null on the last one.</summary>
internal sealed record AuditPage(IReadOnlyList<StoredAuditEntry> Entries, long? NextBefore);

/// <summary>The append-only audit trail. The database itself refuses to change or delete entries.</summary>
internal sealed class AuditStore(Database database)
{
    public const int MaxPageSize = 500;

    public Task<StoredAuditEntry> AppendAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        database.WriteAsync("write to the audit trail", async (context, token) =>
        {
            var row = ToRow(entry);
            context.Add(row);
            await context.SaveChangesAsync(token);
            return new StoredAuditEntry(row.Id, row.At, entry);
        }, cancellationToken);

    /// <summary>Opens the transaction that the changes of an audited request and its entry share.</summary>
    public AuditedChange Begin() => database.BeginAudited();

    /// <summary>Commits what has joined the change together with its entry; the entry alone where nothing has.</summary>
    /// <exception cref="StorageUnavailableException">Neither is stored, unless <see cref="AuditedChange.IsCommitting"/>.</exception>
    public Task<StoredAuditEntry> CommitAsync(AuditedChange change, AuditEntry entry) => change.HasBegun
        ? database.TranslatedAsync("write to the audit trail", () => change.CommitAsync(ToRow(entry), entry), CancellationToken.None)
        : AppendAsync(entry, CancellationToken.None);

    public Task<StoredAuditEntry?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync("read the audit trail", async (context, token) =>
            await context.Audit.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, token) is { } row ? ToEntry(row) : null, cancellationToken);

    /// <summary>One page of the trail, newest first.</summary>
    /// <param name="filter">Which entries to show.</param>
    /// <param name="before">Id to continue from (exclusive); null starts with the newest.</param>
    /// <param name="limit">1 to <see cref="MaxPageSize"/>.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public Task<AuditPage> QueryAsync(AuditFilter filter, long? before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPageSize);
        return database.ReadAsync("read the audit trail", async (context, token) =>
        {
            var rows = await Select(context.Audit.AsNoTracking(), filter, before)
                .OrderByDescending(row => row.Id).Take(limit + 1).ToListAsync(token);
            var more = rows.Count > limit;
            var entries = rows.Take(limit).Select(ToEntry).ToList();
            return new AuditPage(entries, more ? entries[^1].Id : null);
        }, cancellationToken);
    }

    private static IQueryable<AuditRow> Select(IQueryable<AuditRow> rows, AuditFilter filter, long? before)
    {
        rows = before is { } id ? rows.Where(row => row.Id < id) : rows;
        rows = filter.Cluster is { } cluster ? rows.Where(row => row.Cluster == cluster) : rows;
        rows = filter.Actor is { } actor ? rows.Where(row => row.Actor == actor) : rows;
        rows = filter.From is { } from ? rows.Where(row => row.At >= from.ToUniversalTime()) : rows;
        rows = filter.To is { } to ? rows.Where(row => row.At < to.ToUniversalTime()) : rows;
        if (filter.Action is { } action)
        {
            var family = Escape(action) + ".%";
            rows = rows.Where(row => row.Action == action || EF.Functions.Like(row.Action, family, "\\"));
        }

        if (!string.IsNullOrEmpty(filter.Text))
        {
            var pattern = $"%{Escape(filter.Text)}%";
            rows = rows.Where(row => EF.Functions.ILike(row.Actor, pattern, "\\") || EF.Functions.ILike(row.Action, pattern, "\\")
                || EF.Functions.ILike(row.Target, pattern, "\\") || EF.Functions.ILike(row.Reason!, pattern, "\\"));
        }

        return rows;
    }

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal);

    private static AuditRow ToRow(AuditEntry entry) => new()
    {
        Actor = entry.Actor,
        ActorKind = ToText(entry.ActorKind),
        SourceAddress = entry.SourceAddress,
        Cluster = entry.Cluster,
        Action = entry.Action,
        Target = entry.Target,
        Before = entry.Before,
        After = entry.After,
        Outcome = ToText(entry.Outcome),
        Reason = entry.Reason,
        CorrelationId = entry.CorrelationId,
    };

    private static StoredAuditEntry ToEntry(AuditRow row) => new(row.Id, row.At, new AuditEntry
    {
        Actor = row.Actor,
        ActorKind = Enum.Parse<ActorKind>(row.ActorKind, ignoreCase: true),
        SourceAddress = row.SourceAddress,
        Cluster = row.Cluster,
        Action = row.Action,
        Target = row.Target,
        Before = row.Before,
        After = row.After,
        Outcome = Enum.Parse<AuditOutcome>(row.Outcome, ignoreCase: true),
        Reason = row.Reason,
        CorrelationId = row.CorrelationId,
    });

    private static string ToText<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
