using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using ControlPlane.Storage.Secrets;

namespace ControlPlane.Host.Tests.Storage;

public sealed class ClusterStoreTests(StorageServer server) : StorageTests(server)
{
    private static readonly ClusterSecrets Password = new(new Dictionary<string, string> { ["sasl.password"] = "hunter2" });

    private ClusterStore Clusters => Storage.Get<ClusterStore>();

    [Fact]
    public async Task What_is_added_is_found_again()
    {
        var definition = Orders with { Labels = ImmutableSortedDictionary<string, string>.Empty.Add("team", "payments"), Simulation = """{"brokers": 3}""" };

        var added = Assert.IsType<ClusterAddition.Added>(await Clusters.AddAsync(definition, Password, Token)).Cluster;

        Assert.Equal(1, added.Version);
        Assert.True(added.HasSecrets);
        Assert.NotEqual(default, added.CreatedAt);
        var found = await Clusters.FindAsync(definition.Id, Token);
        Assert.Equal("payments", found!.Definition.Labels["team"]);
        Assert.Equal(definition with { Labels = found.Definition.Labels }, found.Definition);
        Assert.Equal("hunter2", (await Clusters.LoadSecretsAsync(definition.Id, Token)).Values["sasl.password"]);
        Assert.Single(await Clusters.ListAsync(Token));
    }

    [Fact]
    public async Task Secrets_are_neither_readable_in_the_table_nor_printed()
    {
        await Clusters.AddAsync(Orders, Password, Token);

        var stored = await Storage.ScalarAsync<byte[]>("SELECT secrets FROM clusters", Token);

        Assert.Equal(-1, stored.AsSpan().IndexOf("hunter2"u8));
        Assert.Equal("1 secrets", Password.ToString());
        Assert.DoesNotContain("hunter2", (await Clusters.FindAsync(Orders.Id, Token))!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_is_managed_already_is_not_added_twice()
    {
        await Clusters.AddAsync(Orders with { KafkaClusterId = "kraft-1" }, ClusterSecrets.None, Token);

        var sameId = await Clusters.AddAsync(Orders with { KafkaClusterId = "kraft-2" }, ClusterSecrets.None, Token);
        var sameKafka = await Clusters.AddAsync(Orders with { Id = new ClusterId("other"), KafkaClusterId = "kraft-1" }, ClusterSecrets.None, Token);

        Assert.Equal(Orders.Id, Assert.IsType<ClusterAddition.DuplicateId>(sameId).Existing.Id);
        Assert.Equal(Orders.Id, Assert.IsType<ClusterAddition.DuplicateKafkaCluster>(sameKafka).Existing.Id);
        Assert.Single(await Clusters.ListAsync(Token));
    }

    [Fact]
    public async Task A_Kafka_cluster_id_learned_later_is_noted_once_and_tells_duplicates()
    {
        await Clusters.AddAsync(Orders, ClusterSecrets.None, Token);
        await Clusters.AddAsync(Orders with { Id = new ClusterId("other") }, ClusterSecrets.None, Token);
        var owners = Storage.Get<OwnershipStore>();
        var (mine, others) = (await owners.TryClaimAsync(Orders.Id, Guid.NewGuid(), Token), await owners.TryClaimAsync(new ClusterId("other"), Guid.NewGuid(), Token));

        var noted = await Clusters.RecordKafkaClusterIdAsync(mine!, "kraft-1", Token);
        var again = await Clusters.RecordKafkaClusterIdAsync(mine!, "kraft-9", Token);
        var duplicate = await Clusters.RecordKafkaClusterIdAsync(others!, "kraft-1", Token);

        Assert.Equal("kraft-1", Assert.IsType<ClusterChange.Changed>(noted).After.Definition.KafkaClusterId);
        Assert.Equal("kraft-1", Assert.IsType<ClusterChange.Changed>(again).After.Definition.KafkaClusterId);
        Assert.Equal(Orders.Id, Assert.IsType<ClusterChange.DuplicateKafkaCluster>(duplicate).Existing.Id);
        await Clusters.RemoveAsync(mine!.Cluster, Token);
        await Assert.ThrowsAsync<StaleEpochException>(() => Clusters.RecordKafkaClusterIdAsync(mine, "k", Token));
    }

    [Fact]
    public async Task Only_the_owner_of_now_notes_a_Kafka_cluster_id()
    {
        await Clusters.AddAsync(Orders, ClusterSecrets.None, Token);
        var owners = Storage.Get<OwnershipStore>();
        var old = await owners.TryClaimAsync(Orders.Id, Guid.NewGuid(), Token);
        await owners.ReleaseAsync(old!, Token);
        var now = await owners.TryClaimAsync(Orders.Id, Guid.NewGuid(), Token);

        await Assert.ThrowsAsync<StaleEpochException>(() => Clusters.RecordKafkaClusterIdAsync(old!, "kraft-old", Token));

        Assert.Null((await Clusters.FindAsync(Orders.Id, Token))!.Definition.KafkaClusterId);
        var noted = Assert.IsType<ClusterChange.Changed>(await Clusters.RecordKafkaClusterIdAsync(now!, "kraft-now", Token));
        Assert.Equal(("kraft-now", 2), (noted.After.Definition.KafkaClusterId, noted.After.Version));
    }

    [Fact]
    public async Task A_change_from_an_outdated_version_is_refused()
    {
        await Clusters.AddAsync(Orders, Password, Token);

        var changed = Assert.IsType<ClusterChange.Changed>(await Clusters.UpdateAsync(Orders with { Name = "Orders EU" }, null, 1, Token));
        var conflict = await Clusters.UpdateAsync(Orders with { Name = "Orders US" }, null, 1, Token);

        Assert.Equal(("Orders", "Orders EU", 2), (changed.Before.Definition.Name, changed.After.Definition.Name, changed.After.Version));
        Assert.Equal("Orders EU", Assert.IsType<ClusterChange.VersionConflict>(conflict).Current.Definition.Name);
        Assert.Equal("hunter2", (await Clusters.LoadSecretsAsync(Orders.Id, Token)).Values["sasl.password"]);
        Assert.IsType<ClusterChange.Unknown>(await Clusters.UpdateAsync(Orders with { Id = new ClusterId("none") }, null, 1, Token));
    }

    [Fact]
    public async Task Of_many_changes_from_one_version_exactly_one_wins()
    {
        await Clusters.AddAsync(Orders, ClusterSecrets.None, Token);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Clusters.UpdateAsync(Orders with { Name = $"n{i}" }, null, 1, Token)));

        Assert.Single(outcomes.OfType<ClusterChange.Changed>());
        Assert.Equal(9, outcomes.OfType<ClusterChange.VersionConflict>().Count());
    }

    [Fact]
    public async Task Removing_takes_ownership_and_history_along()
    {
        await Clusters.AddAsync(Orders, Password, Token);
        await Storage.Get<OwnershipStore>().TryClaimAsync(Orders.Id, Guid.NewGuid(), Token);

        Assert.Equal(Orders.Id, (await Clusters.RemoveAsync(Orders.Id, Token))!.Id);

        Assert.Null(await Clusters.RemoveAsync(Orders.Id, Token));
        Assert.Null(await Clusters.FindAsync(Orders.Id, Token));
        Assert.Empty(await Storage.Get<OwnershipStore>().ListOwnersAsync(Token));
    }

    [Fact]
    public async Task A_secret_of_a_lost_key_says_so_and_hurts_no_other_question()
    {
        await Clusters.AddAsync(Orders, Password, Token);
        await using var other = new TestStorage(Storage.ConnectionString);

        var unreadable = await Assert.ThrowsAsync<SecretUnreadableException>(() => other.Get<ClusterStore>().LoadSecretsAsync(Orders.Id, Token));

        Assert.Contains("'orders'", unreadable.Message, StringComparison.Ordinal);
        Assert.Contains("enter the secret again", unreadable.Message, StringComparison.Ordinal);
        Assert.True((await other.Get<ClusterStore>().FindAsync(Orders.Id, Token))!.HasSecrets);
    }

    [Fact]
    public async Task A_secret_moved_to_another_row_does_not_open()
    {
        await Clusters.AddAsync(Orders, Password, Token);
        await Clusters.AddAsync(Orders with { Id = new ClusterId("other") }, ClusterSecrets.None, Token);
        await Storage.ExecuteAsync("UPDATE clusters SET secrets = (SELECT secrets FROM clusters WHERE id = 'orders') WHERE id = 'other'", Token);

        await Assert.ThrowsAsync<SecretUnreadableException>(() => Clusters.LoadSecretsAsync(new ClusterId("other"), Token));
    }

    private static ClusterDefinition Orders => new()
    {
        Id = new ClusterId("orders"),
        Name = "Orders",
        Kind = ClusterKind.Kafka,
        BootstrapServers = "a:9092,b:9092",
        Settings = """{"tls": true}""",
    };
}
