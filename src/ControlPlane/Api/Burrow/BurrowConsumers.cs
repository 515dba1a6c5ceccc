using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Burrow;

/// <summary>What Burrow's API says of clusters, topics and groups, and what it forgets.</summary>
internal sealed class BurrowConsumers(BurrowClusters clusters, IOptions<BurrowOptions> options, TimeProvider time)
{
    public async Task<BurrowAnswer> ListClustersAsync(BurrowCall call)
    {
        var names = await clusters.ListAsync(call.Token);
        return call.Ok("cluster list returned", json => json.WriteStrings("clusters", names));
    }

    public async Task<BurrowAnswer> ListTopicsAsync(BurrowCall call, string name) => await clusters.FindAsync(name, call.Token) is { } cluster
        ? call.Ok("topic list returned", json => json.WriteStrings("topics", cluster.Model.Partitions.TopicName))
        : call.Missing("cluster not found");

    /// <summary>Partitions whose end is not known are left out, so that a place in the list is not a partition's number: Burrow's oddity, kept.</summary>
    public async Task<BurrowAnswer> OffsetsAsync(BurrowCall call, string name, string topic)
    {
        if (await clusters.FindAsync(name, call.Token) is not { } cluster || FindTopic(cluster.Model.Partitions, topic) is not (>= 0 and var index))
        {
            return call.Missing("cluster or topic not found");
        }

        return call.Ok("topic offsets returned", json =>
        {
            var (table, ends) = (cluster.Model.Partitions, cluster.Model.Load.LogEndOffset);
            json.WriteStartArray("offsets");
            for (var partition = table.TopicStart[index]; partition < table.TopicStart[index + 1]; partition++)
            {
                if (partition < ends.Length && ends[partition] >= 0)
                {
                    json.WriteNumberValue(ends[partition]);
                }
            }

            json.WriteEndArray();
        });
    }

    public async Task<BurrowAnswer> ReadersAsync(BurrowCall call, string name, string topic)
    {
        if (await clusters.FindAsync(name, call.Token) is not { } cluster)
        {
            return call.Missing("cluster not found");
        }

        var known = FindTopic(cluster.Model.Partitions, topic) is >= 0 and var index ? cluster.Model.Partitions.TopicName[index] : topic;
        var groups = cluster.Book.Shard.Names(known);
        return call.Ok("consumers of topic returned", json => json.WriteStrings("consumers", groups));
    }

    public async Task<BurrowAnswer> ListAsync(BurrowCall call, string name)
    {
        if (await clusters.FindAsync(name, call.Token) is not { } cluster)
        {
            return call.Missing("cluster not found");
        }

        var groups = cluster.Book.Shard.Names();
        return call.Ok("consumer list returned", json => json.WriteStrings("consumers", groups));
    }

    public async Task<BurrowAnswer> DetailAsync(BurrowCall call, string name, string group) =>
        await clusters.FindAsync(name, call.Token) is { } cluster && Find(cluster, group).Group is { } found
            ? call.Ok("consumer detail returned", json =>
            {
                json.WriteStartObject("topics");
                foreach (var topic in found.Partitions.GroupBy(partition => partition.Topic))
                {
                    json.WriteStartArray(topic.Key);
                    foreach (var partition in topic)
                    {
                        json.WriteStartObject();
                        found.WriteWindow(json, partition);
                        json.WriteString("owner", partition.Owner);
                        json.WriteString("client_id", partition.ClientId);
                        json.WriteNumber("current-lag", partition.Lag);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                }

                json.WriteEndObject();
            })
            : call.Missing("cluster or consumer not found");

    /// <summary>A group that is not known is 404 and no error: Burrow's oddity, kept.</summary>
    /// <param name="isWhole">All partitions, and not only those that are worse than OK.</param>
    public async Task<BurrowAnswer> StatusAsync(BurrowCall call, string name, string group, bool isWhole)
    {
        var (known, found) = await clusters.FindAsync(name, call.Token) is { } cluster ? Find(cluster, group) : (group, null);
        return BurrowAnswer.Json(found is null ? 404 : 200, false, "consumer status returned", call.Path, json => WriteStatus(json, name, known, found, isWhole));
    }

    /// <summary>Forgets what is kept of a group, or of one topic of it. Nothing changes in Kafka, and the next commit is taken again.</summary>
    public async Task<BurrowAnswer> ForgetAsync(BurrowCall call, string name, string group, string? topic)
    {
        var draft = AuditDraft.Of(call.Http);
        (draft.Target, draft.Cluster) = (topic is null ? group : $"{group} on {topic}", ClusterId.TryParse(name, out var id) ? id : null);
        if (!options.Value.AllowChanges)
        {
            return call.Refused("this API only reads here: nothing was removed; Burrow:AllowChanges lets operators forget groups");
        }

        if (Caller.Of(call.Http.User) is not { Kind: not ActorKind.System, Role: Role.Operator or Role.Admin })
        {
            return call.Refused("nothing was removed: this needs an API token with the role operator");
        }

        if (await clusters.FindAsync(name, call.Token) is { } cluster)
        {
            var known = Find(cluster, group).Name;
            foreach (var shard in new[] { cluster.Book.Followed, cluster.Book.Polled, cluster.Book.Shares }.OfType<LagShard>())
            {
                Forget(shard, known, topic);
            }
        }

        return call.Ok("consumer group removed", null); // whether or not there was one, as Burrow has it
    }

    private static void Forget(LagShard shard, string group, string? topic)
    {
        if (topic is null)
        {
            shard.ForgetGroup(group);
            return;
        }

        foreach (var name in BurrowAddress.Readings(topic))
        {
            shard.ForgetTopicOf(group, name);
        }
    }

    private static void WriteStatus(Utf8JsonWriter json, string cluster, string group, BurrowGroup? found, bool isWhole)
    {
        var verdict = found?.Verdict ?? GroupLagVerdict.NotFound;
        json.WriteStartObject("status");
        json.WriteString("cluster", cluster);
        json.WriteString("group", group);
        json.WriteString("status", LagSentences.WordOf(verdict.Status));
        json.WriteNumber("complete", verdict.Complete);
        json.WriteStartArray("partitions");
        foreach (var partition in found?.Partitions ?? [])
        {
            if (isWhole || partition.Verdict.Status != PartitionLagStatus.Ok)
            {
                found!.WriteStatus(json, partition);
            }
        }

        json.WriteEndArray();
        json.WriteNumber("partition_count", verdict.Partitions);
        json.WritePropertyName("maxlag");
        if (verdict.MaxLag < 0)
        {
            json.WriteNullValue();
        }
        else
        {
            found!.WriteStatus(json, found.Partitions[verdict.MaxLag]);
        }

        json.WriteNumber("totallag", verdict.TotalLag);
        json.WriteEndObject();
    }

    private (string Name, BurrowGroup? Group) Find(BurrowCluster cluster, string segment)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var name in BurrowAddress.Readings(segment))
        {
            if (BurrowGroup.Read(cluster, name, now) is { } group)
            {
                return (name, group);
            }
        }

        return (segment, null);
    }

    private static int FindTopic(PartitionTable table, string segment) =>
        BurrowAddress.Readings(segment).Select(table.FindTopic).FirstOrDefault(index => index >= 0, -1);
}
