using System.Net.Http.Json;
using Confluent.Kafka;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using static ControlPlane.EndToEnd.Tests.Staging.Proof;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>What befalls groups of every kind that Kafka has: share groups, streams groups, and a classic one that becomes one of the new protocol.</summary>
internal sealed class GroupKindStories(ProductProcess product, RealKafkaClient client, KafkaAdmin kafka)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A share group that has done everything has no lag, one that nobody works for has all of it, and it is set back, forgotten and deleted like any other.</summary>
    public async Task ShareGroupAsync(string bootstrapServers, IEnumerable<KeyValuePair<string, string>> javaConfig)
    {
        await kafka.AlterConfigsAsync(new ConfigResource(ConfigResourceType.Group, "sharers"), [new("share.auto.offset.reset", ConfigOperation.Set, "earliest")], validateOnly: false, Token);
        var consumer = ShareConsumer.Start(bootstrapServers, "shared", "sharers", javaConfig);
        await using (consumer)
        {
            try
            {
                await UntilAsync(product, "sharers", one => one is { Group: { Type: "share", State: "Stable" }, Members: [{ Assigned.Count: 1 }] });
                await client.ProduceAsync("shared", 0, 25);
                await UntilAsync(product, "sharers", one => one is { Group.Lag: 0 } && one.Partitions is [{ LogEndOffset: 25, CommittedOffset: 25, Lag: 0 }]);
            }
            catch (TimeoutException ex)
            {
                throw new TimeoutException($"{ex.Message}\nThe share consumer said:\n{consumer.Output}", ex);
            }

            var refused = await product.Http.PostAsJsonAsync($"{Root}/groups/sharers/offset-reset", new ResetOffsetsRequest("earliest", DryRun: false), Json.Options, Token);
            Assert.Contains("group-has-members", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        await client.ProduceAsync("shared", 0, 7);
        await UntilAsync(product, "sharers", one => one is { Group: { State: "Empty", Lag: 7 }, Partitions: [{ LogEndOffset: 32, CommittedOffset: 25, Lag: 7 }] });
        await SharersAreChangedAsync();
        Say("a share group is told with its member and its lag, and is changed");
    }

    private async Task SharersAreChangedAsync()
    {
        const string Group = $"{Root}/groups/sharers";
        var preview = await PostAsync<GroupChangeDto>(product, $"{Group}/offset-reset", new ResetOffsetsRequest("earliest"));
        Assert.Null(preview.Obstacle);
        Assert.Equal(("shared", 25L, 0L, 7L, 32L), preview.Partitions.Select(row => (row.Topic, row.Committed!.Value, row.Target!.Value, row.LagBefore!.Value, row.LagAfter!.Value)).Single());
        Assert.Contains("Done: 1 partition of 1", await Kcp.RunAsync(product, 0, Token, "lag", "reset", "real", "sharers", "--to", "earliest", "--execute", "--yes", "--reason", "again"), StringComparison.Ordinal);
        await UntilAsync(product, "sharers", one => one.Partitions is [{ CommittedOffset: 0, Lag: 32 }]);

        using var some = await product.Http.PostAsJsonAsync($"{Group}/offset-deletion", new ForgetOffsetsRequest(["shared:0"], DryRun: false), Json.Options, Token);
        Assert.Contains("group-change-impossible", await some.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        var forgotten = await PostAsync<GroupChangeDto>(product, $"{Group}/offset-deletion", new ForgetOffsetsRequest(["shared"], DryRun: false, Reason: "done with it"));
        Assert.Equal("done", Assert.Single(forgotten.Partitions).Outcome);
        var deleted = await PostAsync<GroupChangeDto>(product, $"{Group}/deletion", new DeleteGroupRequest(DryRun: false, Reason: "done with it"));
        Assert.Equal(0, deleted.NotDone);
        await product.UntilAsync<Page<GroupDto>>($"{Root}/groups?search=sharers", page => page.Items.Count == 0, Patience, Token);
        var audit = await product.UntilAsync<Page<AuditEntryDto>>("/api/v1/audit?limit=50", page => page.Items.Count(one => one.Target == "sharers") >= 5, Patience, Token);
        Assert.Contains(audit.Items, one => one is { Action: "group.delete", Reason: "done with it", Target: "sharers" });
    }

    /// <summary>Members of a streams group with their tasks, and its offsets, which are set once nobody is in it.</summary>
    public async Task StreamsGroupAsync()
    {
        await client.ProduceAsync("flow", 0, 12);
        await using (var first = new StreamsMember(kafka, "streamers", Guid.NewGuid().ToString(), "flow"))
        await using (var second = new StreamsMember(kafka, "streamers", Guid.NewGuid().ToString(), "flow"))
        {
            var both = await UntilAsync(product, "streamers", one => one is { Group: { Type: "streams", State: "Stable" }, Members: [{ Assigned.Count: 1 }, { Assigned.Count: 1 }] });
            Assert.Equal(new[] { first.Name, second.Name }.Order(StringComparer.Ordinal), both.Members!.Select(one => one.MemberId).Order(StringComparer.Ordinal));
            Assert.Equal(["flow-0", "flow-1"], both.Members!.SelectMany(one => one.Assigned).Order(StringComparer.Ordinal));
            Assert.All(both.Members!, one => Assert.Equal(("active", "0", "flow"), (Assert.Single(one.Tasks!).Kind, one.Tasks![0].Subtopology, Assert.Single(one.Tasks[0].SourceTopics))));
            Assert.NotNull(both.Group.CoordinatorId);
            Assert.Contains("active:0_", await Kcp.RunAsync(product, 0, Token, "groups", "show", "real", "streamers"), StringComparison.Ordinal);
        }

        await UntilAsync(product, "streamers", one => one is { Group.State: "Empty", Members.Count: 0 });
        var set = await PostAsync<GroupChangeDto>(product, $"{Root}/groups/streamers/offset-reset", new ResetOffsetsRequest("offsets", Offsets: [new OffsetTargetDto("flow", 0, 5)], DryRun: false, Reason: "begin there"));
        Assert.Equal("done", Assert.Single(set.Partitions).Outcome);
        await UntilAsync(product, "streamers", one => one.Partitions is [{ Topic: "flow", Partition: 0, CommittedOffset: 5, Lag: 7 }]);
        Say("a streams group is told with its tasks, and its offsets are set");
    }

    /// <summary>A group goes from the classic to the new protocol while it lives: for a while members of both are in it. Its history goes on.</summary>
    public async Task UpgradeAsync()
    {
        await client.ProduceAsync("moved", 0, 20);
        using var classic = client.Join("movers", "moved", "classic", TimeSpan.FromMinutes(2), ("enable.auto.commit", "false"), ("partition.assignment.strategy", "cooperative-sticky"), ("client.id", "old"));
        for (var i = 1L; i <= 4; i++)
        {
            classic.Commit([new TopicPartitionOffset("moved", 0, i)]);
        }

        await UntilAsync(product, "movers", one => one is { Group.Type: "classic", Members.Count: 1 } && one.Partitions?.Any(row => row is { Partition: 0, CommittedOffset: 4, Judgement.Window.Count: > 0 }) == true);
        using var serving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var polling = Task.Run(() => Poll(classic, serving.Token), CancellationToken.None);
        using var modern = await Task.Run(() => client.Join("movers", "moved", "consumer", TimeSpan.FromMinutes(2), ("enable.auto.commit", "false"), ("client.id", "new")), Token);
        using var modernServing = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var modernPolling = Task.Run(() => Poll(modern, modernServing.Token), CancellationToken.None);

        var both = await UntilAsync(product, "movers", one => one is { Group: { Type: "consumer", State: "Stable" }, Members: [{ Assigned.Count: 1 }, { Assigned.Count: 1 }] });
        Assert.Equal(["new", "old"], both.Members!.Select(one => one.ClientId).Order(StringComparer.Ordinal));
        Assert.Equal(["moved-0", "moved-1"], both.Members!.SelectMany(one => one.Assigned).Order(StringComparer.Ordinal));
        Assert.Contains(both.Partitions!, row => row is { Partition: 0, CommittedOffset: 4, Lag: 16 });
        var (atOld, atNew) = (classic.Assignment.Single().Partition.Value, modern.Assignment.Single().Partition.Value);
        classic.Commit([new TopicPartitionOffset("moved", atOld, atOld == 0 ? 10 : 0)]);
        modern.Commit([new TopicPartitionOffset("moved", atNew, atNew == 0 ? 10 : 0)]);
        await UntilAsync(product, "movers", one => one is { Group: { Type: "consumer", Lag: 10 }, Members.Count: 2 }
            && one.Partitions is [{ CommittedOffset: 10, Lag: 10, Judgement.Window: [.., { Offset: 10 }] }, { CommittedOffset: 0, Lag: 0 }]);
        Say("members of both protocols are in one group, and both commit");

        await serving.CancelAsync();
        await polling;
        classic.Close();
        await client.ProduceAsync("moved", 0, 10);
        // A commit that follows closer than four seconds takes the place of the one before.
        await UntilAsync(product, "movers", one => one is { Members: [{ ClientId: "new", Assigned.Count: 2 }], Partitions: [{ Judgement.Window: [.., var last] }, ..] } && TimeProvider.System.GetUtcNow() - last.At > TimeSpan.FromSeconds(4.5));
        modern.Commit([new TopicPartitionOffset("moved", 0, 25)]);
        var moved = await UntilAsync(product, "movers", one => one is { Group.Type: "consumer" } && one.Partitions is [{ CommittedOffset: 25, Judgement.Window: [.., { Offset: 25 }] }, ..]);
        Assert.Equal(("OK", 5L), (moved.Group.Judgement!.Word, moved.Partitions![0].Lag));
        Assert.Contains(moved.Partitions[0].Judgement!.Window, commit => commit.Offset == 10);
        await modernServing.CancelAsync();
        await modernPolling;
        modern.Close();
        Say("an upgraded group keeps its history");
    }

    /// <summary>Serves rebalances, as a member must.</summary>
    private static void Poll(IConsumer<Ignore, byte[]> member, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            member.Consume(TimeSpan.FromMilliseconds(100));
        }
    }
}
