using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Testing;
using static ControlPlane.EndToEnd.Tests.Staging.Proof;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>What befalls consumer groups beside stopping, all on one cluster of Kafka 4.3.1 and at the same time, since most of it is waiting.</summary>
[Collection(Row.Incidents)]
public sealed class LagProofTests(Stage stage)
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Sampling__Groups"] = "00:00:02",
        ["Sampling__Offsets"] = "00:00:02",
        ["Lag__Alerts__CriticalMessages"] = "5000",
        ["Lag__Alerts__Ignore__0"] = "^ignored",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_befalls_groups_is_told_as_what_it_is()
    {
        await using var kafka = await StartAsync();
        var owner = Owner(kafka.Security!);
        using var client = new RealKafkaClient(owner);
        await using var network = new KafkaNetwork(Connection(kafka.Security!));
        foreach (var topic in (string[])["shared", "payments", "reborn", "short", "moved", "heap", "flow"])
        {
            await client.CreateTopicAsync(topic, topic is "moved" or "flow" ? 2 : 1, 1);
        }

        client.Commit("late", ("short", 0, 10)); // makes the offsets topic, which the rights below name
        await client.Admin.CreateAclsAsync([.. Rights(), NoOffsetsTopic]);
        var folder = Directory.CreateTempSubdirectory("kcp-proof-");
        await using var product = await ProductProcess.StartAsync(
            await stage.NewDatabaseAsync(Token), new Dictionary<string, string>(Settings) { ["Storage__MasterKeyFile"] = ProductProcess.WriteMasterKey(folder.FullName) }, Token);
        await PostAsync<ClusterDto>(product, "/api/v1/clusters", new CreateClusterRequest { Id = "real", DisplayName = "Real", Connection = Alice(kafka.Security!) });

        await ItIsPolledWhereItMayNotFollowAsync(product, client);
        var kinds = new GroupKindStories(product, client, new KafkaAdmin(network));
        var failures = await Task.WhenAll(
            FailureOf(() => kinds.ShareGroupAsync(kafka.Security!.SaslPlaintext, JavaConfig(owner))),
            FailureOf(kinds.StreamsGroupAsync),
            FailureOf(() => OpenTransactionAsync(product, client, owner)),
            FailureOf(() => TopicMadeAnewAsync(product, client)),
            FailureOf(() => RetentionAsync(product, client)),
            FailureOf(kinds.UpgradeAsync),
            FailureOf(() => ThresholdAsync(product, client)));
        Assert.Empty(failures.OfType<Exception>());
        folder.Delete(recursive: true);
    }

    /// <summary>Groups are judged by polls with a notice that says which right is missing; and followed once it is granted.</summary>
    private static async Task ItIsPolledWhereItMayNotFollowAsync(ProductProcess product, RealKafkaClient client)
    {
        await client.ProduceAsync("short", 0, 100);
        var polled = await UntilAsync(product, "late", one => one is { Feed.Word: "fallback", Group.Judgement: not null });
        Assert.Contains("needs Read", polled.Feed!.Sentence, StringComparison.Ordinal);
        Assert.Contains("late", await Kcp.RunAsync(product, expected: null, Token, "lag", "ls", "real"), StringComparison.Ordinal);
        await client.Admin.DeleteAclsAsync([NoOffsetsTopic.ToFilter()]);
        await UntilAsync(product, "late", one => one.Feed?.Word == "following");
        Say("the offsets topic may be read again: it is followed");
    }

    /// <summary>A reader of committed records stands before an open transaction and commits on and on: the transaction is named.</summary>
    private static async Task OpenTransactionAsync(ProductProcess product, RealKafkaClient client, Dictionary<string, string> owner)
    {
        await client.ProduceAsync("payments", 0, 30);
        using var producer = new ProducerBuilder<Null, byte[]>(new Dictionary<string, string>(owner) { ["transactional.id"] = "hanging", ["transaction.timeout.ms"] = "600000" }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromMinutes(1));
        producer.BeginTransaction();
        await producer.ProduceAsync(new TopicPartition("payments", 0), new Message<Null, byte[]> { Value = [1] }, Token);
        await client.ProduceAsync("payments", 0, 50);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var reading = ReadCommittedAsync(owner, ending.Token);

        var held = await UntilAsync(product, "auditors", one => one.Partitions is [{ Judgement.Reason: "held-by-transaction", LastStableOffset: not null }] && one.Group.Judgement?.Cause is not null);
        Assert.Equal((30L, 0L, 51L), (held.Partitions![0].LastStableOffset, held.Partitions[0].LagToLastStable, held.Partitions[0].Lag));
        Assert.Equal("open-transaction", held.Group.Judgement!.Cause);
        producer.CommitTransaction(TimeSpan.FromMinutes(1));
        await UntilAsync(product, "auditors", one => one.Group.Judgement is { Word: "OK" });
        await ending.CancelAsync();
        await reading;
        Say("an open transaction is named, and is over when it ends");
    }

    /// <summary>The deleted topic leaves no ghost, and the new one of its name begins anew.</summary>
    private static async Task TopicMadeAnewAsync(ProductProcess product, RealKafkaClient client)
    {
        await client.ProduceAsync("reborn", 0, 100);
        client.Commit("phoenix", ("reborn", 0, 60), ("heap", 0, 0));
        await UntilAsync(product, "phoenix", one => one.Partitions?.Any(row => row is { Topic: "reborn", Lag: 40, Judgement: not null }) == true);
        await client.Admin.DeleteTopicsAsync(["reborn"]);
        await UntilAsync(product, "phoenix", one => one.Partitions?.Any(row => row is { Topic: "reborn", Judgement: not null, TopicExists: true }) == false);
        await client.CreateTopicAsync("reborn", 1, 1);
        await client.ProduceAsync("reborn", 0, 5);
        client.Commit("phoenix", ("reborn", 0, 2));
        var reborn = await UntilAsync(product, "phoenix", one => one.Partitions?.Any(row => row is { Topic: "reborn", Lag: 3, Judgement: not null }) == true);
        var row = Assert.Single(reborn.Partitions!, one => one.Topic == "reborn");
        Assert.Equal(("OK", 2L), (row.Judgement!.Word, Assert.Single(row.Judgement.Window).Offset));
        Say("a topic made anew begins anew");
    }

    /// <summary>Records that are deleted unread are told as lost, and become an incident with a link to the group.</summary>
    private static async Task RetentionAsync(ProductProcess product, RealKafkaClient client)
    {
        await client.Admin.DeleteRecordsAsync([new TopicPartitionOffset("short", 0, 50)]);
        var lost = await UntilAsync(product, "late", one => one.Partitions is [{ Judgement.Reason: "data-lost" }]);
        Assert.Contains("40 messages before they were read", lost.Partitions![0].Judgement!.Sentence, StringComparison.Ordinal);
        Assert.Equal((50L, 90L), (lost.Partitions[0].LogStartOffset, lost.Partitions[0].Lag));
        var open = await product.UntilAsync<Page<AnomalyDto>>($"{Root}/anomalies?kind=consumer-lag&state=active", page => page.Items.Any(one => one.Subject == "group late"), Patience, Token);
        var anomaly = open.Items.Single(one => one.Subject == "group late");
        Assert.Equal("error", anomaly.Severity);
        var incident = await product.UntilAsync<IncidentDto>($"{Root}/incidents/{anomaly.Id}", _ => true, Patience, Token);
        Assert.StartsWith("/c/real/groups/late?from=20", Assert.Single(incident.Actions, one => one.Action == "show-group").Link, StringComparison.Ordinal);
        Say("lost records are an incident");
    }

    /// <summary>More messages than the threshold are critical, except of groups that nobody wants to hear of; the time lag behind the history is the record's own.</summary>
    private static async Task ThresholdAsync(ProductProcess product, RealKafkaClient client)
    {
        var before = TimeProvider.System.GetUtcNow();
        await client.ProduceAsync("heap", 0, 6_000, bytesEach: 10);
        client.Commit("slow", ("heap", 0, 1));
        client.Commit("ignored-slow", ("heap", 0, 1));
        var detail = await UntilAsync(product, "slow", one => one.Partitions is [{ Lag: 5_999, Judgement: { TimeLagSeconds: > 0, IsTimeLagAtLeast: false } }]);
        Assert.InRange(detail.Partitions![0].Judgement!.TimeLagSeconds!.Value, 0, (TimeProvider.System.GetUtcNow() - before).TotalSeconds + 1);
        var page = await product.UntilAsync<Page<AnomalyDto>>($"{Root}/anomalies?kind=consumer-lag&state=active", all => all.Items.Any(one => one.Subject == "group slow"), Patience, Token);
        Assert.Equal("critical", page.Items.Single(one => one.Subject == "group slow").Severity);
        Assert.DoesNotContain(page.Items, one => one.Subject == "group ignored-slow");
        Say("a threshold is an incident, and an ignored group is none");
    }

    private static Task ReadCommittedAsync(Dictionary<string, string> owner, CancellationToken stopping) => Task.Run(
        () =>
        {
            using var consumer = new ConsumerBuilder<Ignore, byte[]>(new Dictionary<string, string>(owner)
            {
                ["group.id"] = "auditors",
                ["isolation.level"] = "read_committed",
                ["auto.offset.reset"] = "earliest",
                ["enable.auto.commit"] = "false",
            }).SetLogHandler((_, _) => { }).Build();
            consumer.Subscribe("payments");
            var (next, committed) = (0L, Stopwatch.StartNew());
            while (!stopping.IsCancellationRequested)
            {
                next = consumer.Consume(TimeSpan.FromMilliseconds(100))?.Offset.Value + 1 ?? next;
                if (next > 0 && committed.Elapsed > TimeSpan.FromSeconds(1))
                {
                    consumer.Commit([new TopicPartitionOffset("payments", 0, next)]); // also where it has not come on
                    committed.Restart();
                }
            }

            consumer.Close();
        },
        CancellationToken.None);

    /// <summary>One story that fails hides none of the others.</summary>
    private static Task<Exception?> FailureOf(Func<Task> story) => Task.Run(
        async () =>
        {
            try
            {
                await story();
                return (Exception?)null;
            }
            catch (Exception ex)
            {
                return ex;
            }
        },
        CancellationToken.None);

    private static Dictionary<string, string> Owner(SecureListeners security) => new()
    {
        ["bootstrap.servers"] = security.SaslPlaintext,
        ["security.protocol"] = "SASL_PLAINTEXT",
        ["sasl.mechanism"] = "SCRAM-SHA-512",
        ["sasl.username"] = SecureListeners.AdminUser,
        ["sasl.password"] = SecureListeners.AdminPassword,
    };

    private static KafkaConnectionSettings Connection(SecureListeners security) => new()
    {
        BootstrapServers = [security.SaslPlaintext],
        SecurityProtocol = Kafka.Connections.SecurityProtocol.SaslPlaintext,
        SaslMechanism = Kafka.Connections.SaslMechanism.ScramSha512,
        Username = SecureListeners.AdminUser,
        Password = SecureListeners.AdminPassword,
    };

    private static IEnumerable<KeyValuePair<string, string>> JavaConfig(Dictionary<string, string> owner) =>
    [
        new("security.protocol", owner["security.protocol"]),
        new("sasl.mechanism", owner["sasl.mechanism"]),
        new("sasl.jaas.config", $"org.apache.kafka.common.security.scram.ScramLoginModule required username=\"{SecureListeners.AdminUser}\" password=\"{SecureListeners.AdminPassword}\";"),
    ];

    private static ConnectionRequest Alice(SecureListeners security) => new()
    {
        BootstrapServers = security.SaslPlaintext,
        SecurityProtocol = "SASL_PLAINTEXT",
        SaslMechanism = "PLAIN",
        Username = SecureListeners.PlainUser,
        Password = SecureListeners.PlainPassword,
    };

    private static AclBinding NoOffsetsTopic => Acl(ResourceType.Topic, "__consumer_offsets", AclOperation.Read, AclPermissionType.Deny);

    private static IEnumerable<AclBinding> Rights() =>
    [
        Acl(ResourceType.Topic, "*", AclOperation.Read, AclPermissionType.Allow),
        Acl(ResourceType.Topic, "*", AclOperation.Describe, AclPermissionType.Allow),
        Acl(ResourceType.Topic, "*", AclOperation.DescribeConfigs, AclPermissionType.Allow),
        Acl(ResourceType.Group, "*", AclOperation.Describe, AclPermissionType.Allow),
        Acl(ResourceType.Group, "*", AclOperation.Read, AclPermissionType.Allow),
        Acl(ResourceType.Group, "*", AclOperation.Delete, AclPermissionType.Allow),
        Acl(ResourceType.Broker, "kafka-cluster", AclOperation.Describe, AclPermissionType.Allow),
        Acl(ResourceType.Broker, "kafka-cluster", AclOperation.DescribeConfigs, AclPermissionType.Allow),
    ];

    private static AclBinding Acl(ResourceType type, string name, AclOperation operation, AclPermissionType permission) => new()
    {
        Pattern = new ResourcePattern { Type = type, Name = name, ResourcePatternType = ResourcePatternType.Literal },
        Entry = new AccessControlEntry { Principal = $"User:{SecureListeners.PlainUser}", Host = "*", Operation = operation, PermissionType = permission },
    };

    private static async Task<RealKafka> StartAsync()
    {
        try
        {
            return await RealKafka.StartAsync(new RealKafkaOptions { Version = "4.3.1", Brokers = 1, Secure = true }, Token);
        }
        catch (KafkaUnavailableException ex)
        {
            throw Stage.Missing(ex.Message);
        }
    }
}
