using System.Globalization;
using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Simulation;
using ControlPlane.Simulation;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Reset, forget and delete by the API, on a simulated cluster whose consumers were stopped.</summary>
public sealed class GroupChangeTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly ManualTime _time = new(SimulatedWorld.Start);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ApiHost Host => api.Host;

    [Theory]
    [InlineData("""{"to":"earliest"DRY}""")]
    [InlineData("""{"to":"latest"DRY}""")]
    [InlineData("""{"to":"timestamp","at":"AGO"DRY}""")]
    [InlineData("""{"to":"shift","shift":-3DRY}""")]
    public async Task What_the_dry_run_showed_is_what_is_committed(string wish)
    {
        var (path, kafka, group) = await StoppedAsync();
        wish = wish.Replace("AGO", _time.GetUtcNow().AddMinutes(-5).ToString("O", CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var before = await CommittedAsync(kafka, group);

        var dry = (await PostAsync($"{path}/offset-reset", wish.Replace("DRY", "", StringComparison.Ordinal))).Is(200).Json;
        Assert.True(dry.GetProperty("isDryRun").GetBoolean());
        Assert.Equal(JsonValueKind.Null, dry.GetProperty("obstacle").ValueKind);
        Assert.Equal(before, await CommittedAsync(kafka, group));
        var real = (await PostAsync($"{path}/offset-reset", wish.Replace("DRY", ",\"dryRun\":false,\"reason\":\"test\"", StringComparison.Ordinal))).Is(200).Json;

        var promised = Rows(dry, "target");
        Assert.NotEqual(before, promised);
        Assert.Equal(promised, await CommittedAsync(kafka, group));
        Assert.Equal(promised, Rows(real, "target"));
        Assert.All(real.GetProperty("partitions").EnumerateArray(), row => Assert.Contains(row.GetProperty("outcome").GetString(), new[] { "done", "unchanged" }));
        Assert.All(dry.GetProperty("partitions").EnumerateArray(), row => Assert.Equal(Lag(row, "committed"), row.GetProperty("lagBefore").GetInt64()));
        var entry = (await Host.GetAsync("/api/v1/audit?action=group.reset-offsets&limit=1", api.Admin)).Is(200).Json.GetProperty("items")[0];
        Assert.Equal((group, "test"), (entry.GetProperty("target").GetString(), entry.GetProperty("reason").GetString()));

        // The log end by what the row says of the lag after: both are measured against the same end.
        static long Lag(JsonElement row, string of) => row.GetProperty("target").GetInt64() + row.GetProperty("lagAfter").GetInt64() - row.GetProperty(of).GetInt64();
    }

    [Fact]
    public async Task The_targets_of_a_preview_are_taken_only_while_nothing_else_was_committed()
    {
        var (path, kafka, group) = await StoppedAsync();
        var (first, offset) = (await CommittedAsync(kafka, group)).First();
        var wish = $$"""{"to":"offsets","dryRun":false,"offsets":[{"topic":"{{first.Topic}}","partition":{{first.Partition}},"offset":{{offset - 1}},"expected":{{offset}}}]}""";

        (await PostAsync($"{path}/offset-reset", wish)).Is(200);
        Assert.Equal(offset - 1, (await CommittedAsync(kafka, group))[first]);
        var refused = (await PostAsync($"{path}/offset-reset", wish)).IsProblem(409);
        Assert.Contains("stale-offsets", refused.Body, StringComparison.Ordinal);
        Assert.Equal(offset - 1, (await CommittedAsync(kafka, group))[first]);
    }

    [Fact]
    public async Task What_could_not_be_read_is_told_as_not_done_beside_what_was()
    {
        var (path, kafka, group) = await StoppedAsync();
        var (first, offset) = (await CommittedAsync(kafka, group)).First();
        var wish = $$"""{"to":"offsets","dryRun":false,"offsets":[{"topic":"{{first.Topic}}","partition":{{first.Partition}},"offset":{{offset - 1}}},{"topic":"no-such-topic","partition":0,"offset":1}]}""";

        var answer = (await PostAsync($"{path}/offset-reset", wish)).Is(200).Json;

        Assert.Equal(1, answer.GetProperty("notDone").GetInt32());
        Assert.Equal("not-sent", answer.GetProperty("partitions").EnumerateArray().Single(row => row.GetProperty("topic").GetString() == "no-such-topic").GetProperty("outcome").GetString());
        Assert.Equal(offset - 1, (await CommittedAsync(kafka, group))[first]);
    }

    [Fact]
    public async Task A_group_with_members_is_previewed_with_the_way_out_and_refused()
    {
        var (path, kafka, group) = await ClusterAsync();

        var dry = (await PostAsync($"{path}/offset-reset", """{"to":"earliest"}""")).Is(200).Json;
        Assert.Contains("Stop its", dry.GetProperty("obstacle").GetString(), StringComparison.Ordinal);
        Assert.Contains("group-has-members", (await PostAsync($"{path}/offset-reset", """{"to":"earliest","dryRun":false}""")).IsProblem(409).Body, StringComparison.Ordinal);
        Assert.Contains("group-has-members", (await PostAsync($"{path}/deletion", """{"dryRun":false}""")).IsProblem(409).Body, StringComparison.Ordinal);
        var topic = (await CommittedAsync(kafka, group)).First().Key.Topic;
        var kept = (await PostAsync($"{path}/offset-deletion", $$"""{"topics":["{{topic}}"],"dryRun":false}""")).Is(200).Json;
        Assert.All(kept.GetProperty("partitions").EnumerateArray(), row => Assert.Equal(("refused", "GROUP_SUBSCRIBED_TO_TOPIC"), (row.GetProperty("outcome").GetString(), row.GetProperty("error").GetString())));
        Assert.Equal(kept.GetProperty("partitions").GetArrayLength(), kept.GetProperty("notDone").GetInt32());
    }

    [Fact]
    public async Task A_partition_is_forgotten_then_the_group_deleted_and_its_consumers_begin_anew()
    {
        var (path, kafka, group) = await StoppedAsync();
        var (first, _) = (await CommittedAsync(kafka, group)).First();

        (await PostAsync($"{path}/offset-deletion", $$"""{"topics":["{{first.Topic}}:{{first.Partition}}"],"dryRun":false}""")).Is(200);
        Assert.DoesNotContain(first, (await CommittedAsync(kafka, group)).Keys);
        (await PostAsync($"{path}/deletion", "{}")).Is(200);
        Assert.NotEmpty(await CommittedAsync(kafka, group));
        var gone = (await PostAsync($"{path}/deletion", """{"dryRun":false}""")).Is(200).Json;
        Assert.All(gone.GetProperty("partitions").EnumerateArray(), row => Assert.Equal("done", row.GetProperty("outcome").GetString()));
        (await PostAsync($"{path}/deletion", """{"dryRun":false}""")).IsProblem(404);

        await kafka.CommandAsync(world => world.StartGroup(group), Token);
        _time.Pass(30);
        Assert.Contains(first, (await CommittedAsync(kafka, group)).Keys);
    }

    [Theory]
    [InlineData("offset-reset", """{"to":"nowhere"}""", "to")]
    [InlineData("offset-reset", """{"to":"timestamp"}""", "at")]
    [InlineData("offset-reset", """{"to":"timestamp","at":"1969-01-01T00:00:00Z"}""", "at")]
    [InlineData("offset-reset", """{"to":"shift"}""", "shift")]
    [InlineData("offset-reset", """{"to":"shift","shift":0}""", "shift")]
    [InlineData("offset-reset", """{"to":"earliest","topics":["a:b:c"]}""", "topics")]
    [InlineData("offset-reset", """{"to":"earliest","topics":["a:1,x"]}""", "topics")]
    [InlineData("offset-reset", """{"to":"earliest","topics":[null]}""", "topics")]
    [InlineData("offset-reset", """{"to":"offsets"}""", "offsets")]
    [InlineData("offset-reset", """{"to":"offsets","offsets":[{"topic":"","partition":0,"offset":1}]}""", "offsets[0]")]
    [InlineData("offset-reset", """{"to":"offsets","offsets":[{"topic":"a","partition":0,"offset":-1}]}""", "offsets[0]")]
    [InlineData("offset-reset", """{"to":"offsets","offsets":[{"topic":"a","partition":0,"offset":1},{"topic":"a","partition":0,"offset":2}]}""", "offsets[1]")]
    [InlineData("offset-deletion", """{"topics":[]}""", "topics")]
    public async Task A_bad_wish_is_refused_with_its_field(string action, string wish, string field)
    {
        var (path, _, _) = await ClusterAsync();
        (await PostAsync($"{path}/{action}", wish)).IsProblem(400).HasError(field);
    }

    [Fact]
    public async Task Who_may_only_look_changes_nothing_and_what_does_not_exist_is_not_found()
    {
        var (path, _, _) = await ClusterAsync();
        (await Host.SendAsync(HttpMethod.Post, $"{path}/offset-reset", api.Viewer, """{"to":"earliest"}""")).IsProblem(403);
        (await PostAsync(path[..path.LastIndexOf('/')] + "/nobody/offset-reset", """{"to":"earliest"}""")).IsProblem(404);
        (await PostAsync($"{path}/offset-reset", """{"to":"earliest","topics":["no-such-topic"]}""")).IsProblem(404);
    }

    private static SortedDictionary<(string Topic, int Partition), long> Rows(JsonElement answer, string field) => new(
        answer.GetProperty("partitions").EnumerateArray().ToDictionary(row => (row.GetProperty("topic").GetString()!, row.GetProperty("partition").GetInt32()), row => row.GetProperty(field).GetInt64()));

    private static async Task<SortedDictionary<(string Topic, int Partition), long>> CommittedAsync(SimulatedKafkaCluster kafka, string group) =>
        new(((await kafka.GroupOperations.DescribeAsync(group, Token)).Value!.Offsets ?? []).ToDictionary(one => (one.Topic, one.Partition), one => one.Offset));

    private Task<Reply> PostAsync(string path, string body) => Host.SendAsync(HttpMethod.Post, path, api.Operator, body);

    /// <summary>A group whose members died long enough ago that its coordinator knows.</summary>
    private async Task<(string Path, SimulatedKafkaCluster Kafka, string Group)> StoppedAsync()
    {
        var (path, kafka, group) = await ClusterAsync();
        await kafka.CommandAsync(world => world.StopGroup(group), Token);
        _time.Pass(60);
        return (path, kafka, group);
    }

    private async Task<(string Path, SimulatedKafkaCluster Kafka, string Group)> ClusterAsync()
    {
        var id = new ClusterId($"groups-{Guid.NewGuid():N}"[..20]);
        var kafka = SimulatedKafkaCluster.Open(new SimulationSpec { Brokers = 3, Topics = 4, PartitionsPerTopic = 3, Groups = 2, Seed = 5 }, _time);
        _time.Pass(600);
        var model = new ClusterModel(id, 1, _time.GetUtcNow()) { Partitions = (await kafka.FetchTopologyAsync(Token)).Value!.Partitions };
        Host.Views.Connected[id] = kafka;
        await Host.PublishAsync(model, ClusterKind.Simulated);
        Host.Views.Leases[id] = Assert.IsType<ClusterLease>(await Host.Get<OwnershipStore>().TryClaimAsync(id, Host.Get<ProcessIdentity>().Id, Token));
        var group = (await kafka.FetchGroupsAsync(Token)).Value!.Groups[0].Id;
        return ($"/api/v1/clusters/{id}/groups/{Uri.EscapeDataString(group)}", kafka, group);
    }
}
