using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>The log of deliveries: what was sent to whom and how it went; tests and repetitions are put into the outbox here.</summary>
internal sealed class DeliveryStore(Database database)
{
    public const int MaxPageSize = 500;

    public Task<(IReadOnlyList<StoredDelivery> Rows, int Total)> QueryAsync(DeliveryFilter filter, int offset, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<StoredDelivery>, int)>("read the deliveries", async (context, token) =>
        {
            var rows = Select(context.Deliveries.AsNoTracking(), filter);
            var total = await rows.CountAsync(token);
            var page = await Join(context, rows).OrderByDescending(pair => pair.Row.Seq).Skip(offset).Take(Math.Min(limit, MaxPageSize)).ToListAsync(token);
            return (page.ConvertAll(pair => ToDelivery(pair.Row, pair.Target)), total);
        }, cancellationToken);

    /// <summary>Everything about one anomaly in the order it was made.</summary>
    public Task<IReadOnlyList<StoredDelivery>> ListForAnomalyAsync(Guid anomalyId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredDelivery>>("read the deliveries of an anomaly", async (context, token) =>
        {
            var rows = await Join(context, context.Deliveries.AsNoTracking().Where(row => row.Anomaly == anomalyId)).OrderBy(pair => pair.Row.Seq).Take(MaxPageSize).ToListAsync(token);
            return rows.ConvertAll(pair => ToDelivery(pair.Row, pair.Target));
        }, cancellationToken);

    public Task<(StoredDelivery Delivery, IReadOnlyList<StoredAttempt> Attempts)?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync<(StoredDelivery, IReadOnlyList<StoredAttempt>)?>("read a delivery", async (context, token) =>
        {
            if (await LoadAsync(context, id, token) is not { } delivery)
            {
                return null;
            }

            var attempts = await context.Attempts.AsNoTracking().Where(row => row.Delivery == id).OrderBy(row => row.Number).ToListAsync(token);
            return (delivery, attempts.ConvertAll(row => new StoredAttempt(row.Number, row.At, row.TookSeconds, row.Outcome, row.HttpStatus, row.Problem, row.ResponsePreview)));
        }, cancellationToken);

    /// <summary>Queues a test and, where it would stay open at its receiver, its end. Null for an unknown target.</summary>
    public Task<StoredDelivery?> QueueTestAsync(StoredAlertTarget target, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ChangeTogetherAsync("queue a test delivery", async (context, token) =>
        {
            var (kind, name) = (target.Definition.Rules.Kind, target.Definition.Name);
            var connection = (NpgsqlConnection)context.Database.GetDbConnection();
            return await LockTargetAsync(connection, target.Id, token)
                ? await LoadAsync(context, await InsertWithEndAsync(connection, target.Id, AlertPayloads.Test(kind, target.Id, name, now), AlertPayloads.TestEnd(kind, target.Id, name), null, token), token)
                : null; // removed meanwhile
        }, cancellationToken);

    /// <summary>Queues a new delivery with the same body, where that can't contradict what was or will be told after it.</summary>
    public Task<Resend> ResendAsync(Guid id, CancellationToken cancellationToken) =>
        database.ChangeTogetherAsync<Resend>("queue a delivery again", async (context, token) =>
        {
            var connection = (NpgsqlConnection)context.Database.GetDbConnection();

            // Waits for whoever is just writing notifications for this target, so that its newer one is seen below.
            if (await LoadAsync(context, id, token) is not { } original || !await LockTargetAsync(connection, original.TargetId, token))
            {
                return new Resend.Unknown();
            }

            if (await RefusalAsync(connection, original, token) is { } refusal)
            {
                return refusal;
            }

            var end = original.Notification.Event == AlertEvent.Test ? AlertPayloads.TestEnd(original.Kind, original.TargetId, original.Target) : null;
            var again = await InsertWithEndAsync(connection, original.TargetId, original.Notification, end, id, token);
            return await LoadAsync(context, again, token) is { } made ? new Resend.Queued(made) : new Resend.Unknown();
        }, cancellationToken);

    private static async Task<bool> LockTargetAsync(NpgsqlConnection connection, Guid target, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("SELECT id FROM alert_targets WHERE id = $1 FOR UPDATE", target);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task<Guid> InsertWithEndAsync(
        NpgsqlConnection connection, Guid target, Notification first, Notification? end, Guid? resentFrom, CancellationToken cancellationToken)
    {
        var id = await OutboxWriter.InsertAsync(connection, target, first, DeliveryState.Queued, resentFrom, cancellationToken);
        if (end is not null)
        {
            await OutboxWriter.InsertAsync(connection, target, end, DeliveryState.Queued, null, cancellationToken);
        }

        return id;
    }

    private static async Task<Resend?> RefusalAsync(NpgsqlConnection connection, StoredDelivery original, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            """
            SELECT id, event, state FROM alert_deliveries
            WHERE target = $1 AND dedup_key = $2 AND seq >= $3 AND state IN ('queued', 'delivering', 'delivered', 'superseded') ORDER BY seq DESC
            """,
            original.TargetId, original.Notification.DedupKey, original.Seq);
        var rows = await command.ListAsync(reader => (Id: reader.GetGuid(0), Event: Enum.Parse<AlertEvent>(reader.GetString(1), ignoreCase: true), State: OutboxWriter.State(reader.GetString(2))), cancellationToken);
        if (rows.FirstOrDefault(row => row.Id == original.Id) is { State: not DeliveryState.Delivered } own && own.Id == original.Id)
        {
            return new Resend.NotFinished(own.State);
        }

        var newer = rows.Find(row => row.Id != original.Id && (row.State is DeliveryState.Queued or DeliveryState.Delivering || (row.State == DeliveryState.Delivered && row.Event != original.Notification.Event)));
        return newer.Id == Guid.Empty ? null : new Resend.Overtaken(newer.Id, newer.Event, newer.State);
    }

    private static IQueryable<DeliveryRow> Select(IQueryable<DeliveryRow> rows, DeliveryFilter filter)
    {
        rows = filter.Target is { } target ? rows.Where(row => row.Target == target) : rows;
        rows = filter.Cluster is { } cluster ? rows.Where(row => row.Cluster == cluster) : rows;
        rows = filter.Anomaly is { } anomaly ? rows.Where(row => row.Anomaly == anomaly) : rows;
        if (filter.State is { } state)
        {
            var word = OutboxWriter.Word(state);
            rows = rows.Where(row => row.State == word);
        }

        if (filter.Event is { } what)
        {
            var word = AlertRules.Word(what);
            rows = rows.Where(row => row.Event == word);
        }

        return rows;
    }

    private static async Task<StoredDelivery?> LoadAsync(StorageContext context, Guid id, CancellationToken cancellationToken) =>
        await Join(context, context.Deliveries.AsNoTracking().Where(row => row.Id == id)).SingleOrDefaultAsync(cancellationToken) is { } pair ? ToDelivery(pair.Row, pair.Target) : null;

    private static IQueryable<Joined> Join(StorageContext context, IQueryable<DeliveryRow> rows) =>
        rows.Join(context.AlertTargets.AsNoTracking(), row => row.Target, target => target.Id, (row, target) => new Joined { Row = row, Target = target });

    private static StoredDelivery ToDelivery(DeliveryRow row, AlertTargetRow target) => new(
        row.Id,
        row.Seq,
        row.Target,
        target.Name,
        Enum.Parse<AlertTargetKind>(target.Kind, ignoreCase: true),
        new Notification(Enum.Parse<AlertEvent>(row.Event, ignoreCase: true), row.DedupKey, Enum.Parse<Severity>(row.Severity, ignoreCase: true), row.Summary, row.Body, row.Cluster, row.Anomaly),
        OutboxWriter.State(row.State),
        row.Attempts)
    {
        CreatedAt = row.CreatedAt,
        NextAttemptAt = row.NextAttemptAt,
        DeliveredAt = row.DeliveredAt,
        LastAnswer = row.LastAnswer,
    };

    private sealed class Joined
    {
        public required DeliveryRow Row { get; init; }

        public required AlertTargetRow Target { get; init; }
    }
}
