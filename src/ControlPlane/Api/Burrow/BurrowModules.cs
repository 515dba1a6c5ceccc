using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Burrow;

/// <summary>The configuration of this installation in the shape of Burrow's: what has no counterpart here is empty, and nothing is made up.</summary>
internal sealed class BurrowModules(BurrowClusters clusters, ClusterStore store, IClusterViews views, LogLevelSwitch level, IOptions<LagOptions> lag, BurrowSelf self)
{
    private const string Default = "default";

    public BurrowAnswer Main(BurrowCall call) => BurrowAnswer.Ok("main config returned", call.Path, json =>
    {
        json.WriteStartObject("general");
        json.WriteString("pidfile", "");
        json.WriteString("stdout-logfile", "");
        json.WriteString("access-control-allow-origin", "");
        json.WriteEndObject();
        json.WriteStartObject("logging");
        json.WriteString("filename", ""); // to standard output
        json.WriteNumber("max-size", 0);
        json.WriteNumber("max-backups", 0);
        json.WriteNumber("max-age", 0);
        json.WriteBoolean("use-local-time", false);
        json.WriteBoolean("use-compression", false);
        json.WriteString("level", level.Word);
        json.WriteEndObject();
        json.WriteStartObject("zookeeper"); // there is none
        json.WriteStrings("servers", []);
        json.WriteNumber("timeout", 0);
        json.WriteString("root-path", "");
        json.WriteEndObject();
        json.WriteStartObject("httpserver");
        json.WriteStartObject(Default);
        json.WriteString("address", self.Address);
        json.WriteString("tls", "");
        json.WriteNumber("timeout", 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }, isRequestFirst: true);

    /// <summary>The modules of a coordinator.</summary>
    public async Task<BurrowAnswer> ListAsync(BurrowCall call, string coordinator)
    {
        var modules = coordinator switch
        {
            "cluster" or "consumer" => await clusters.ListAsync(call.Token),
            "notifier" => await self.Notifiers.ListAsync(call.Token),
            _ => [Default],
        };
        return BurrowAnswer.Ok("module list returned", call.Path, json =>
        {
            json.WriteString("coordinator", coordinator);
            json.WriteStrings("modules", modules);
        }, isRequestFirst: true);
    }

    public async Task<BurrowAnswer> DetailAsync(BurrowCall call, string coordinator, string name)
    {
        var lower = name.ToLowerInvariant(); // Burrow reads its configuration without regard to case
        Action<Utf8JsonWriter>? module = (coordinator, lower) switch
        {
            ("storage", Default) => WriteStorage,
            ("evaluator", Default) => static json =>
            {
                json.WriteString("class-name", "caching");
                json.WriteNumber("expire-cache", 0); // judged when it is asked for
            }
            ,
            ("cluster", _) when await FindAsync(lower, call.Token) is { } cluster => json => WriteCluster(json, cluster),
            ("consumer", _) when await FindAsync(lower, call.Token) is { } cluster => json => WriteConsumer(json, cluster),
            ("notifier", _) => await self.Notifiers.FindAsync(lower, call.Token),
            _ => null,
        };
        return module is null
            ? call.Missing($"{coordinator} module not found")
            : call.Ok($"{coordinator} module detail returned", json =>
            {
                json.WriteStartObject("module");
                module(json);
                json.WriteEndObject();
            });
    }

    private async Task<ClusterDefinition?> FindAsync(string name, CancellationToken cancellationToken) =>
        ClusterId.TryParse(name, out var id) ? (await store.FindAsync(id, cancellationToken))?.Definition : null;

    private void WriteStorage(Utf8JsonWriter json)
    {
        var kept = LagWork.StoreOptions(lag.Value);
        json.WriteString("class-name", "inmemory");
        json.WriteNumber("intervals", kept.Slots);
        json.WriteNumber("min-distance", kept.MinDistanceMs / 1000);
        json.WriteString("group-allowlist", "");
        json.WriteNumber("expire-group", kept.ExpireAfterMs / 1000);
    }

    private void WriteCluster(Utf8JsonWriter json, ClusterDefinition cluster)
    {
        json.WriteString("class-name", ClassOf(cluster));
        json.WriteStrings("servers", ServersOf(cluster));
        WriteProfile(json, cluster);
        json.WriteNumber("topic-refresh", SecondsOf(cluster, SampleKind.Topology));
        json.WriteNumber("offset-refresh", SecondsOf(cluster, SampleKind.Offsets));
    }

    private void WriteConsumer(Utf8JsonWriter json, ClusterDefinition cluster)
    {
        json.WriteString("class-name", ClassOf(cluster));
        json.WriteString("cluster", cluster.Id.Value);
        json.WriteStrings("servers", ServersOf(cluster));
        json.WriteString("group-allowlist", "");
        json.WriteString("zookeeper-path", "");
        json.WriteNumber("zookeeper-timeout", 0);
        WriteProfile(json, cluster);
        json.WriteString("offsets-topic", lag.Value.Follow && cluster.Kind == ClusterKind.Kafka ? "__consumer_offsets" : "");
        json.WriteBoolean("start-latest", false);
    }

    /// <summary>How the cluster is reached, without any secret. Certificates are kept in the database and not in files.</summary>
    private void WriteProfile(Utf8JsonWriter json, ClusterDefinition cluster)
    {
        var connection = ConnectionRecord.Read(cluster, ClusterSecrets.None);
        json.WriteStartObject("client-profile");
        json.WriteString("name", cluster.Id.Value);
        json.WriteString("client-id", "kafka-control-plane");
        json.WriteString("kafka-version", views.Find(cluster.Id)?.Release ?? "");
        WriteIf(json, "tls", connection.SecurityProtocol.EndsWith("SSL", StringComparison.Ordinal), () =>
        {
            json.WriteString("name", cluster.Id.Value);
            json.WriteBoolean("noverify", !connection.VerifyHostname);
            json.WriteString("certfile", "");
            json.WriteString("keyfile", "");
            json.WriteString("cafile", "");
        });
        WriteIf(json, "sasl", connection.SaslMechanism is not null, () =>
        {
            json.WriteString("name", cluster.Id.Value);
            json.WriteBoolean("handshake-first", true);
            json.WriteString("username", connection.Username ?? connection.OAuthClientId ?? "");
        });
        json.WriteEndObject();
    }

    private static void WriteIf(Utf8JsonWriter json, string name, bool isThere, Action content)
    {
        json.WritePropertyName(name);
        if (!isThere)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        content();
        json.WriteEndObject();
    }

    /// <summary>As the owner of the cluster does it now; 0 where it is none of ours.</summary>
    private int SecondsOf(ClusterDefinition cluster, SampleKind kind) =>
        (int)(views.Find(cluster.Id)?.Samples.FirstOrDefault(sample => sample.Kind == kind)?.Interval.TotalSeconds ?? 0);

    private static string ClassOf(ClusterDefinition cluster) => cluster.Kind == ClusterKind.Kafka ? "kafka" : "simulated";

    private static string[] ServersOf(ClusterDefinition cluster) => (cluster.BootstrapServers ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
