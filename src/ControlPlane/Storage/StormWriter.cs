using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage.Tables;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Who was told of a storm, and what that means for the groups it speaks for; inside the transaction that stores the anomalies.</summary>
internal static class StormWriter
{
    public const string SpokenFor = "Not sent by itself: told together with the other groups that lag.";

    private const string IsLive = "(d.state IN ('queued', 'delivering', 'delivered') OR (d.may_have_arrived AND d.state <> 'superseded'))";

    private const string SpeakersSql = $"""
        SELECT DISTINCT d.target FROM anomalies s JOIN alert_deliveries d ON d.anomaly = s.id AND d.event = 'trigger' AND {IsLive}
        WHERE s.cluster = $1 AND s.kind = $2 AND s.state = 'active'
          AND $3 BETWEEN (s.detection -> 'storm' ->> 'from')::timestamptz AND (s.detection -> 'storm' ->> 'until')::timestamptz
        """;

    private const string HushSql = $"""
        UPDATE alert_deliveries g SET state = 'superseded', next_attempt_at = NULL, last_answer = $6
        FROM anomalies a
        WHERE a.cluster = $1 AND a.kind = $2 AND a.state = 'active' AND a.active_at BETWEEN $3 AND $4 AND (a.detection ->> 'isGrouped')::boolean
          AND g.anomaly = a.id AND g.event = 'trigger' AND g.state = 'queued' AND NOT g.may_have_arrived
          AND EXISTS (SELECT FROM alert_deliveries d WHERE d.anomaly = $5 AND d.target = g.target AND d.event = 'trigger' AND {IsLive})
        """;

    private const string LeftSql = $"""
        SELECT DISTINCT ON (a.id, s.target) s.target, s.id, a.id, a.state, a.detection::text, a.first_seen, a.last_seen, a.active_at, a.worst::text
        FROM anomalies a JOIN alert_deliveries s ON s.anomaly = a.id AND s.event = 'trigger' AND s.state = 'superseded'
        WHERE a.cluster = $1 AND a.kind = $2 AND a.state = 'active'
          AND NOT EXISTS (SELECT FROM alert_deliveries d WHERE d.anomaly = a.id AND d.target = s.target AND d.event = 'trigger' AND {IsLive})
        ORDER BY a.id, s.target, s.seq
        """;

    /// <summary>The targets that were told of an active storm that speaks for this anomaly.</summary>
    public static async Task<IReadOnlySet<Guid>> ListSpeakersAsync(NpgsqlConnection connection, Anomaly anomaly, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            SpeakersSql, anomaly.Cluster.Value, LagStormDetector.Name, (anomaly.ActiveAt ?? anomaly.LastSeen).ToUniversalTime());
        return (await command.ListAsync(reader => reader.GetGuid(0), cancellationToken)).ToHashSet();
    }

    /// <summary>What waits to be told of groups is not told to those who were told of their storm.</summary>
    public static async Task HushAsync(NpgsqlConnection connection, Anomaly storm, LagStorm bounds, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            HushSql, storm.Cluster.Value, ConsumerLagDetector.Name, bounds.From.ToUniversalTime(), bounds.Until.ToUniversalTime(), storm.Id, SpokenFor);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The groups that still lag and that a target never heard of by themselves, each with the notification that was not sent.</summary>
    public static async Task<List<(Guid Target, Guid Unsent, Anomaly Anomaly)>> ListLeftAsync(NpgsqlConnection connection, Anomaly storm, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(LeftSql, storm.Cluster.Value, ConsumerLagDetector.Name);
        return await command.ListAsync(
            reader => (reader.GetGuid(0), reader.GetGuid(1), AnomalyJson.ToAnomaly(new AnomalyRow
            {
                Id = reader.GetGuid(2),
                Cluster = storm.Cluster,
                State = reader.GetString(3),
                Detection = reader.GetString(4),
                FirstSeen = reader.GetTime(5),
                LastSeen = reader.GetTime(6),
                ActiveAt = reader.GetTime(7),
                Worst = reader.GetString(8),
            })),
            cancellationToken);
    }
}
