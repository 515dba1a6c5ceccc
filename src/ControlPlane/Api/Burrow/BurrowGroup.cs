using System.Text.Json;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Api.Burrow;

/// <summary>One partition of a topic that a group has committed on, judged by Burrow's rules.</summary>
/// <param name="Row">Its place in the snapshot; -1 where the group never committed on it.</param>
internal readonly record struct BurrowPartition(string Topic, int Partition, int Row, string Owner, string ClientId, LagVerdict Verdict)
{
    public long Lag => Math.Max(0, Verdict.CurrentLag);
}

/// <summary>One group as Burrow would know it: all partitions of every topic it has committed on, those without a commit too.</summary>
internal sealed class BurrowGroup
{
    private readonly LagSnapshot _snapshot = new();
    private readonly long _now;

    private BurrowGroup(long now) => _now = now;

    /// <summary>By topic in the order of their names, and then by number.</summary>
    public List<BurrowPartition> Partitions { get; } = [];

    /// <summary>Null where nothing is kept of the group.</summary>
    public static BurrowGroup? Read(BurrowCluster cluster, string group, long now)
    {
        var read = new BurrowGroup(now);
        if (!cluster.Book.Shard.TryRead(group, read._snapshot))
        {
            return null;
        }

        read.Fill(cluster, group);
        return read;
    }

    public GroupLagVerdict Verdict
    {
        get
        {
            var verdicts = new LagVerdict[Partitions.Count];
            for (var i = 0; i < verdicts.Length; i++)
            {
                verdicts[i] = Partitions[i].Verdict;
            }

            return GroupLagVerdict.Of(verdicts);
        }
    }

    /// <summary>The window with its empty slots, which are at the front; nothing where there was no commit.</summary>
    public void WriteWindow(Utf8JsonWriter json, in BurrowPartition partition)
    {
        json.WriteStartArray("offsets");
        if (partition.Row >= 0)
        {
            var window = _snapshot.BurrowWindow(partition.Row, _now);
            for (var empty = window.Count; empty < window.Slots; empty++)
            {
                json.WriteNullValue();
            }

            for (var commit = 0; commit < window.Count; commit++)
            {
                WriteCommit(json, partition.Row, commit, window);
            }
        }

        json.WriteEndArray();
    }

    /// <summary>A partition as it stands in a status.</summary>
    public void WriteStatus(Utf8JsonWriter json, in BurrowPartition partition)
    {
        json.WriteStartObject();
        json.WriteString("topic", partition.Topic);
        json.WriteNumber("partition", partition.Partition);
        json.WriteString("owner", partition.Owner);
        json.WriteString("client_id", partition.ClientId);
        json.WriteString("status", LagSentences.WordOf(partition.Verdict.Status));
        WriteEnd(json, "start", partition, isLast: false);
        WriteEnd(json, "end", partition, isLast: true);
        json.WriteNumber("current_lag", partition.Lag);
        json.WriteNumber("complete", partition.Verdict.Complete);
        json.WriteEndObject();
    }

    private void Fill(BurrowCluster cluster, string group)
    {
        var owners = Owners(cluster, group);
        var rows = new SortedDictionary<string, Dictionary<int, int>>(StringComparer.Ordinal);
        for (var row = 0; row < _snapshot.Count; row++)
        {
            rows.TryAdd(_snapshot.Topic(row), []);
            rows[_snapshot.Topic(row)][_snapshot.Partition(row)] = row;
        }

        var table = cluster.Model.Partitions;
        foreach (var (topic, committed) in rows)
        {
            var count = table.FindTopic(topic) is >= 0 and var index ? table.PartitionsOf(index) : 0; // of a topic that is gone nothing is told
            for (var number = 0; number < count; number++)
            {
                var row = committed.GetValueOrDefault(number, -1);
                var (host, client) = owners.GetValueOrDefault((topic, number), ("", ""));
                var verdict = row < 0 ? new LagVerdict(PartitionLagStatus.Ok, LagReason.NoCommits, 0, 0, 0) : BurrowRules.Judge(_snapshot.BurrowWindow(row, _now));
                Partitions.Add(new BurrowPartition(topic, number, row, host, client, verdict));
            }
        }
    }

    private static Dictionary<(string Topic, int Partition), (string Host, string Client)> Owners(BurrowCluster cluster, string group)
    {
        var owners = new Dictionary<(string, int), (string, string)>();
        foreach (var member in cluster.Model.Groups?.FirstOrDefault(one => one.Id == group)?.Members ?? [])
        {
            foreach (var assigned in member.Assigned)
            {
                owners[(assigned.Topic, assigned.Partition)] = (member.Host, member.ClientId);
            }
        }

        return owners;
    }

    private void WriteEnd(Utf8JsonWriter json, string name, in BurrowPartition partition, bool isLast)
    {
        json.WritePropertyName(name);
        if (partition.Row < 0)
        {
            json.WriteNullValue();
            return;
        }

        var window = _snapshot.BurrowWindow(partition.Row, _now);
        WriteCommit(json, partition.Row, isLast ? window.Count - 1 : 0, window);
    }

    private void WriteCommit(Utf8JsonWriter json, int row, int commit, in CommitWindow window)
    {
        json.WriteStartObject();
        json.WriteNumber("offset", window.Offsets[commit]);
        json.WriteNumber("timestamp", window.Times[commit]);
        json.WriteNumber("observedAt", _snapshot.ObservedAt(row, commit) / 1000 * 1000); // Burrow has it by the second
        if (window.Lags[commit] < 0)
        {
            json.WriteNull("lag");
        }
        else
        {
            json.WriteNumber("lag", window.Lags[commit]);
        }

        json.WriteEndObject();
    }
}
