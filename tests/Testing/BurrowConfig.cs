using System.Globalization;

namespace ControlPlane.Testing;

/// <summary>What a <see cref="BurrowProcess"/> watches, and how often it asks.</summary>
/// <param name="Cluster">The cluster's name in its API.</param>
/// <param name="BootstrapServers">Of the cluster.</param>
/// <param name="ZooKeeper">Of the cluster, or any other.</param>
/// <param name="TopicRefresh">Seconds between two looks at the topics.</param>
/// <param name="OffsetRefresh">Seconds between two looks at log ends.</param>
/// <param name="MinDistance">Seconds within which a commit takes the place of the one before it.</param>
public sealed record BurrowConfig(string Cluster, string BootstrapServers, string ZooKeeper, int TopicRefresh = 60, int OffsetRefresh = 10, int MinDistance = 0)
{
    /// <summary>Each with its class; they tell of groups that are in error, to an address that nobody has.</summary>
    public IReadOnlyList<(string Name, string Class)> Notifiers { get; init; } = [];

    /// <summary>What its notifiers send; read at its start.</summary>
    public const string Template = "message.tmpl";

    /// <summary>Its file burrow.toml.</summary>
    public string Toml(int port) => string.Concat([Base(port), .. Notifiers.Select(Notifier)]);

    private static string Notifier((string Name, string Class) notifier) => $"""

        [notifier.{notifier.Name}]
        class-name="{notifier.Class}"
        interval=60
        threshold=3
        timeout=5
        keepalive=30
        url-open="http://192.0.2.1/hook"
        url-close="http://192.0.2.1/hook"
        method-open="POST"
        method-close="POST"
        send-close=true
        template-open="{Template}"
        template-close="{Template}"
        """;

    private string Base(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        [zookeeper]
        servers=["{ZooKeeper}"]
        [client-profile.test]
        client-id="burrow-test"
        kafka-version="0.10.2"
        [cluster.{Cluster}]
        class-name="kafka"
        servers=["{BootstrapServers}"]
        client-profile="test"
        topic-refresh={TopicRefresh}
        offset-refresh={OffsetRefresh}
        [consumer.{Cluster}]
        class-name="kafka"
        cluster="{Cluster}"
        servers=["{BootstrapServers}"]
        client-profile="test"
        start-latest=false
        [httpserver.default]
        address="127.0.0.1:{port}"
        [storage.default]
        class-name="inmemory"
        intervals=10
        min-distance={MinDistance}
        [evaluator.default]
        class-name="caching"
        expire-cache=1
        """);
}
