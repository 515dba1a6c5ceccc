using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>A plan in other shapes: summed up by topic or broker, and as files for other tools.</summary>
internal static class PlanParts
{
    private static readonly string[] ByWords = ["topic", "broker"];
    private static readonly string[] GroupFields = ["bytes", "moves", "name"];
    private static readonly string[] Formats = ["kafka", "kafka-rollback", "own"];
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static void MapPlanParts(this RouteGroupBuilder plans)
    {
        plans.MapGet("/{id}/move-groups", Groups).RequireAuthorization(Policies.View).Refuses(404)
            .WithQuery(QueryParameter.Of("by", "What is summed up. Default topic.", ByWords), QueryParameter.Search, QueryParameter.Sort(GroupFields, "-bytes"), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<MoveGroupDto>>("Moves of a plan by topic or broker", "Most bytes first, unless sorted otherwise.");
        plans.MapGet("/{id}/export", Export).RequireAuthorization(Policies.View).Refuses(404)
            .WithQuery(QueryParameter.Of("format", "kafka: JSON that kafka-reassign-partitions.sh takes; kafka-rollback: its way back; own: one move a line. Default kafka.", Formats))
            .Describe<string>("Export a plan", "As a file. Elections are in no format of Kafka's tools: run kafka-leader-election.sh afterwards.");
    }

    private static async Task<IResult> Groups(HttpContext http, string cluster, string id, Pictures pictures, PlanStore store)
    {
        var query = new QueryReader(http);
        var (by, search) = (query.Word("by", ByWords) ?? "topic", query.Text("search"));
        var paging = query.Paging(GroupFields, new Sort("bytes", true));
        query.ThrowIfRefused();
        var (stored, plan) = await PlanEndpoints.RequireAsync(http, cluster, id, pictures, store);
        var found = PlanRows.Groups(plan, by == "broker").Where(group => search is null || group.Name.Contains(search, StringComparison.OrdinalIgnoreCase));
        var sorted = paging.Sort.Field switch
        {
            "name" => found.OrderBy(group => group.Name, StringComparer.Ordinal),
            "moves" => found.OrderBy(group => group.Moves + group.LeaderMoves).ThenBy(group => group.Name, StringComparer.Ordinal),
            _ => found.OrderBy(group => group.Bytes ?? -1).ThenBy(group => group.Name, StringComparer.Ordinal),
        };
        var rows = paging.Sort.Descending ? sorted.Reverse().ToArray() : sorted.ToArray();
        return Answer.Of(http, new Page<MoveGroupDto>([.. rows.Skip(paging.Offset).Take(paging.Limit)], rows.Length, paging.Offset, paging.Limit, stored.MadeAt));
    }

    private static async Task<IResult> Export(HttpContext http, string cluster, string id, Pictures pictures, PlanStore store)
    {
        var query = new QueryReader(http);
        var format = query.Word("format", Formats) ?? "kafka";
        query.ThrowIfRefused();
        var (stored, plan) = await PlanEndpoints.RequireAsync(http, cluster, id, pictures, store);
        var bytes = format == "own" ? Own(plan) : Kafka(plan, isBack: format == "kafka-rollback");
        return TypedResults.File(bytes, format == "own" ? "application/x-ndjson" : "application/json", $"plan-{stored.Id}{(format == "kafka-rollback" ? "-rollback" : "")}.{(format == "own" ? "ndjson" : "json")}");
    }

    /// <summary>One list a partition: what the steps of a partition come to together.</summary>
    private static byte[] Kafka(RebalancePlan plan, bool isBack)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteStartArray("partitions");
            foreach (var steps in plan.Moves.GroupBy(move => (move.Topic, move.Partition)))
            {
                var replicas = isBack ? steps.First().Before : steps.Last().After;
                var dirs = steps.SelectMany(step => step.Dirs).ToArray();
                json.WriteStartObject();
                json.WriteString("topic", steps.Key.Topic);
                json.WriteNumber("partition", steps.Key.Partition);
                Write(json, "replicas", replicas);
                json.WriteStartArray("log_dirs");
                foreach (var broker in replicas)
                {
                    var dir = dirs.FirstOrDefault(one => one.Broker == broker);
                    json.WriteStringValue((isBack ? dir?.From : dir?.To) ?? "any");
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static byte[] Own(RebalancePlan plan)
    {
        using var stream = new MemoryStream();
        for (var order = 0; order < plan.Moves.Length; order++)
        {
            JsonSerializer.Serialize(stream, PlanRows.Move(plan.Moves[order], order), Answer.TypeInfo<PlannedMoveDto>());
            stream.WriteByte((byte)'\n');
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<int> brokers)
    {
        json.WriteStartArray(name);
        foreach (var broker in brokers)
        {
            json.WriteNumberValue(broker);
        }

        json.WriteEndArray();
    }
}
