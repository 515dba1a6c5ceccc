using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>A lease that outlasts the tests of a class.</summary>
public sealed class PlanFixture(StorageServer server) : ApiFixture(server)
{
    internal override Dictionary<string, string?> Settings => new() { ["Storage:Lease"] = "00:05:00" };
}

public sealed class PlanTests(PlanFixture api) : IClassFixture<PlanFixture>
{
    private const string Wish = """{"mode":"fix-offline"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ApiHost Host => api.Host;

    [Fact]
    public async Task A_plan_is_made_shown_and_approved_once()
    {
        var cluster = await BreakAsync("one");
        var made = (await PostAsync($"{cluster}/plans", Wish)).Is(201);
        var plan = made.Json.GetProperty("plan");
        var (id, hash) = (plan.GetProperty("id").GetString(), plan.GetProperty("hash").GetString());

        Assert.Equal("proposed", plan.GetProperty("state").GetString());
        Assert.Equal(3, plan.GetProperty("lostBrokers")[0].GetInt32());
        Assert.EndsWith($"/plans/{id}", made.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, (await GetAsync($"{cluster}/plans")).Is(200).Json.GetProperty("total").GetInt32());
        var moves = (await GetAsync($"{cluster}/plans/{id}/moves?search=ORD&sort=-bytes&limit=2")).Is(200).Json;
        Assert.Equal(plan.GetProperty("moves").GetInt32(), moves.GetProperty("total").GetInt32());
        Assert.Equal(2, moves.GetProperty("items").GetArrayLength());
        Assert.DoesNotContain(3, moves.GetProperty("items")[0].GetProperty("after").EnumerateArray().Select(after => after.GetInt32()));

        (await PostAsync($"{cluster}/plans/{id}/approval", """{"hash":"abc"}""")).IsProblem(412);
        var waiting = Host.Get<PlanApprovals>().WaitAsync(new ClusterId("one"), Token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync($"{cluster}/plans/{id}/approval", $$"""{"hash":"{{hash}}","reason":"go"}""")));
        Assert.Single(answers, answer => answer.Code == 200);
        Assert.All(answers.Where(answer => answer.Code != 200), answer => Assert.Contains("plan-decided", answer.IsProblem(409).Body, StringComparison.Ordinal));
        await waiting;
        Assert.Equal(Guid.Parse(id!), (await Host.Get<PlanStore>().FindApprovedAsync(new ClusterId("one"), Token))!.Id);

        var second = (await PostAsync($"{cluster}/plans", Wish)).Is(201).Json.GetProperty("plan");
        var other = await PostAsync($"{cluster}/plans/{second.GetProperty("id")}/approval", $$"""{"hash":"{{second.GetProperty("hash")}}"}""");
        Assert.Contains("plan-under-way", other.IsProblem(409).Body, StringComparison.Ordinal);
        (await PostAsync($"{cluster}/plans/{id}/discard", "{}")).IsProblem(409);
        (await PostAsync($"{cluster}/plans/{second.GetProperty("id")}/discard", """{"reason":"not now"}""")).Is(200);

        var store = Host.Get<PlanStore>();
        var lease = Host.Views.Leases[new ClusterId("one")];
        Assert.IsType<PlanChange.Changed>(await store.BeginAsync(lease, Guid.Parse(id!), Guid.NewGuid(), Token));
        Assert.IsType<PlanChange.NotPossible>(await store.BeginAsync(lease, Guid.Parse(id!), Guid.NewGuid(), Token));
        Assert.IsType<PlanChange.Changed>(await store.EndAsync(lease, Guid.Parse(id!), PlanState.Done, null, Token));
        Assert.Equal("done", (await GetAsync($"{cluster}/plans/{id}")).Is(200).Json.GetProperty("plan").GetProperty("state").GetString());
        await Assert.ThrowsAsync<StaleEpochException>(() => store.EndAsync(lease with { Epoch = lease.Epoch - 1 }, Guid.Parse(id!), PlanState.Failed, null, Token));
        Assert.NotEmpty((await Host.GetAsync("/api/v1/audit?cluster=one&action=plan", api.Viewer)).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_plan_from_an_outdated_picture_is_shown_as_stale_and_refused()
    {
        var cluster = await BreakAsync("old");
        var plan = (await PostAsync($"{cluster}/plans", Wish)).Is(201).Json.GetProperty("plan");
        Host.Views.Publish(Whole(A.Cluster("old").Brokers(5).Topic("orders", 6, 3).Generation(2).Build()));

        var shown = (await GetAsync($"{cluster}/plans/{plan.GetProperty("id")}")).Is(200).Json.GetProperty("plan");
        Assert.Equal("stale", shown.GetProperty("state").GetString());
        Assert.Contains("is back", shown.GetProperty("problem").GetString(), StringComparison.Ordinal);
        var refused = (await PostAsync($"{cluster}/plans/{plan.GetProperty("id")}/approval", $$"""{"hash":"{{plan.GetProperty("hash")}}"}""")).IsProblem(409);
        Assert.Contains("stale-plan", refused.Body, StringComparison.Ordinal);
        (await PostAsync($"{cluster}/plans", Wish)).IsProblem(409);
    }

    [Fact]
    public async Task A_destination_that_died_since_is_named()
    {
        var cluster = await BreakAsync("dest");
        var plan = (await PostAsync($"{cluster}/plans", Wish)).Is(201).Json.GetProperty("plan");
        var moves = (await GetAsync($"{cluster}/plans/{plan.GetProperty("id")}/moves")).Json.GetProperty("items");
        var to = moves[0].GetProperty("after").EnumerateArray().Last().GetInt32();
        Host.Views.Publish(Whole(A.Cluster("dest").Brokers(5).Topic("orders", 6, 3).Down(3).Down(to).Generation(2).Build()));

        var refused = (await PostAsync($"{cluster}/plans/{plan.GetProperty("id")}/approval", $$"""{"hash":"{{plan.GetProperty("hash")}}"}""")).IsProblem(409);

        Assert.Contains($"Broker {to}, which would receive", refused.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"mode":"shuffle"}""", 422, "fix-offline")]
    [InlineData("""{"mode":"fix-offline","brokers":[77]}""", 422, "no broker 77")]
    [InlineData("""{"mode":"fix-offline","brokers":[]}""", 422, "The list is empty")]
    [InlineData("""{"mode":"fix-offline","options":{"noReplicasOnto":[77]}}""", 422, "no broker 77")]
    [InlineData("""{"mode":"fix-offline","options":{"dirs":[{"broker":1,"path":"/d"}]}}""", 422, "only with remove-dirs")]
    [InlineData("""{"mode":"fix-offline","options":{"goals":["NoSuchGoal"]}}""", 422, "There is no goal")]
    [InlineData("""{"mode":"fix-offline","options":{"deadlineSeconds":0}}""", 422, "1 to 600")]
    [InlineData("""{"mode":"fix-offline","options":{"networkLimit":7}}""", 422, "not possible")]
    [InlineData("""{"mode":"fix-offline","movesPerBroker":0}""", 422, "1 to 1000")]
    [InlineData("""{"mode":"fix-offline","movesPerBroker":1001}""", 422, "1 to 1000")]
    [InlineData("""{"mode":"fix-offline","throttleBytesPerSecond":999999}""", 422, "at least 1000000")]
    [InlineData("""{"mode":"fix-offline","throttleBytesPerSecond":-1}""", 422, "at least 1000000")]
    [InlineData("""{"mode":"fix-offline","brokers":[1]}""", 409, "alive")]
    [InlineData("""{}""", 400, "mode")]
    public async Task Wishes_that_make_no_sense_are_explained(string body, int status, string words)
    {
        var cluster = await BreakAsync("wish");

        Assert.Contains(words, (await PostAsync($"{cluster}/plans", body)).IsProblem(status).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plans_need_a_whole_picture_an_owner_the_role_and_their_own_cluster()
    {
        var cluster = await BreakAsync("half");
        var other = await BreakAsync("half-2");
        var plan = (await PostAsync($"{other}/plans", Wish)).Is(201).Json.GetProperty("plan");
        (await GetAsync($"{cluster}/plans/{plan.GetProperty("id")}")).IsProblem(404);
        (await PostAsync($"{cluster}/plans/{plan.GetProperty("id")}/approval", $$"""{"hash":"{{plan.GetProperty("hash")}}"}""")).IsProblem(404);
        (await GetAsync($"{cluster}/plans/nonsense")).IsProblem(404);
        (await Host.SendAsync(HttpMethod.Post, $"{cluster}/plans", api.Viewer, Wish)).IsProblem(403);

        Host.Views.Publish(Whole(Broken("half")) with { Reassigning = null });
        Assert.Contains("not-ready", (await PostAsync($"{cluster}/plans", Wish)).IsProblem(409).Body, StringComparison.Ordinal);
        Host.Views.Publish(Broken("half") with { Reassigning = [] });
        Assert.Contains("were last read", (await PostAsync($"{cluster}/plans", Wish)).IsProblem(409).Body, StringComparison.Ordinal);
        Host.Views.Leases.TryRemove(new ClusterId("half"), out _);
        (await PostAsync($"{cluster}/plans", Wish)).IsProblem(503);
    }

    [Fact]
    public async Task A_plan_is_read_on_any_process_also_while_its_owner_is_away()
    {
        var cluster = await BreakAsync("away");
        var made = (await PostAsync($"{cluster}/plans", Wish)).Is(201).Json.GetProperty("plan");
        var path = $"{cluster}/plans/{made.GetProperty("id")}";
        Host.Views.Lose(new ClusterId("away"));
        Host.Views.Leases.TryRemove(new ClusterId("away"), out _);
        foreach (var owner in new Uri?[] { null, new("http://127.0.0.1:1") }) // nobody, then one that does not answer
        {
            if (owner is not null)
            {
                Host.Views.Elsewhere[new ClusterId("away")] = owner;
            }

            var plan = (await GetAsync(path)).Is(200).Json.GetProperty("plan");
            Assert.Equal("proposed", plan.GetProperty("state").GetString());
            Assert.Equal(JsonValueKind.Null, plan.GetProperty("problem").ValueKind);
            (await GetAsync($"{path}/moves")).Is(200);
            (await GetAsync($"{cluster}/plans")).Is(200);
            (await PostAsync($"{path}/approval", $$"""{"hash":"{{made.GetProperty("hash")}}"}""")).IsProblem(503);
        }
    }

    [Fact]
    public async Task Plans_are_counted_and_timed()
    {
        var cluster = await BreakAsync("meter");
        (await PostAsync($"{cluster}/plans", Wish)).Is(201);
        (await PostAsync($"{cluster}/plans", Wish)).Is(201);
        (await PostAsync($"{cluster}/plans", """{"mode":"fix-offline","brokers":[1]}""")).IsProblem(409);
        (await PostAsync($"{cluster}/plans", """{"mode":"fix-offline","brokers":[77]}""")).IsProblem(422);

        var metrics = (await Host.GetAsync("/metrics", null)).Is(200).Body;

        Assert.Contains("kcp_proposals_total{cluster=\"meter\",result=\"made\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_proposals_total{cluster=\"meter\",result=\"nothing-to-do\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_proposals_total{cluster=\"meter\",result=\"refused\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_proposal_duration_seconds_bucket{le=\"+Inf\"} ", metrics, StringComparison.Ordinal);
        await Promtool.CheckAsync(metrics);
    }

    [Fact]
    public async Task A_plan_that_is_made_is_told_to_the_live_stream_of_its_cluster()
    {
        var cluster = await BreakAsync("told");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{cluster}/live");
        request.Headers.Authorization = new("Bearer", api.Viewer);
        using var response = await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        (await PostAsync($"{cluster}/plans", Wish)).Is(201); // the stream listens before it answers with its headers

        Assert.Contains("\"cluster\":\"told\"", await LineAsync(reader, "\"kind\":\"plans\"", patience.Token), StringComparison.Ordinal);
    }

    private static async Task<string> LineAsync(StreamReader reader, string text, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }

    private static ClusterModel Broken(string id) => A.Cluster(id).Brokers(5).Topic("orders", partitions: 6, replicas: 3).Down(3).Build();

    private static ClusterModel Whole(ClusterModel model)
    {
        var now = TimeProvider.System.GetUtcNow();
        return model with
        {
            Reassigning = [],
            Brokers = [.. model.Brokers.Select(broker => broker with { LogDirs = null })],
            Samples = [.. model.Samples.Select(sample => sample with { LastSuccess = now, Interval = TimeSpan.FromHours(1) })],
        };
    }

    private async Task<string> BreakAsync(string id)
    {
        await Host.PublishAsync(Whole(Broken(id)));
        var cluster = new ClusterId(id);
        if (!Host.Views.Leases.ContainsKey(cluster))
        {
            Host.Views.Leases[cluster] = Assert.IsType<ClusterLease>(await Host.Get<OwnershipStore>().TryClaimAsync(cluster, Host.Get<ProcessIdentity>().Id, Token));
        }

        return $"/api/v1/clusters/{id}";
    }

    private Task<Reply> PostAsync(string path, string body) => Host.SendAsync(HttpMethod.Post, path, api.Operator, body);

    private Task<Reply> GetAsync(string path) => Host.GetAsync(path, api.Viewer);
}
