using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Two processes on one database: each answers for the other's clusters.</summary>
public sealed class ForwardingTests(ApiFixture api) : ApiTests(api)
{
    private static readonly ClusterId Far = new("far");

    [Fact]
    public async Task A_request_is_answered_by_the_owner_in_the_name_of_its_caller()
    {
        await using var owner = await OwnerAsync();
        Assert.Equal(["orders"], (await Host.GetAsync("/api/v1/clusters/far/topics", Viewer)).Is(200).Json.GetProperty("items").EnumerateArray().Select(row => row.GetProperty("name").GetString()!));
        var first = await Host.GetAsync("/api/v1/clusters/far/brokers", Viewer);
        (await Host.GetAsync("/api/v1/clusters/far/brokers", Viewer, ("If-None-Match", first.Tag!))).Is(304);
        (await Host.GetAsync("/api/v1/clusters/far/topics/none", Viewer)).IsProblem(404);
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/far/refresh", Viewer)).Is(202);
        Assert.Contains(Far, owner.Views.Refreshed);
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/far/demo", Viewer, """{"action":"restore","brokerId":null,"group":null}""")).IsProblem(403);
    }

    [Fact]
    public async Task The_fleet_shows_clusters_of_the_other_process_and_says_when_it_is_silent()
    {
        var owner = await OwnerAsync();
        await RowAsync(row => row.GetProperty("brokers") is { ValueKind: JsonValueKind.Number } brokers && brokers.GetInt32() == 2);
        await owner.DisposeAsync();
        (await Host.GetAsync("/api/v1/clusters/far/topics", Viewer)).IsProblem(503);
        await RowAsync(row => row.GetProperty("status").GetString() == "UNKNOWN");
    }

    [Fact]
    public async Task Two_processes_that_disagree_do_not_play_ball()
    {
        await using var owner = await OwnerAsync();
        owner.Views.Lose(Far);
        owner.Views.Elsewhere[Far] = Host.Address;
        Assert.Contains("handed over", (await Host.GetAsync("/api/v1/clusters/far/topics", Viewer)).IsProblem(503).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forward_ticket_is_good_for_one_path_only()
    {
        var caller = new Caller("program", ControlPlane.Storage.ActorKind.Token, ControlPlane.Storage.Role.Viewer);
        var ticket = Host.Get<Tickets>().ForForward(caller, "GET", "/api/v1/session");
        (await Host.GetAsync("/api/v1/session", null, (Tickets.ForwardHeader, ticket))).Is(200);
        (await Host.GetAsync("/api/v1/audit", null, (Tickets.ForwardHeader, ticket))).IsProblem(401);
        (await Host.GetAsync("/api/v1/internal/summaries", Admin)).IsProblem(403);
    }

    [Fact]
    public async Task A_share_that_cannot_be_read_here_is_refused_in_words()
    {
        var share = new ControlPlane.Engine.Lag.Spread.OffsetsShare(1, 2, Guid.Empty, []).Write();
        await PostAsync(Far, [9, 9, 9], 409, "version 9, and this process knows version 1");
        await PostAsync(Far, share, 409, "clusters of this kind have no offsets topic");
        await PostAsync(new ClusterId("nowhere"), share, 404, "nowhere");

        async Task PostAsync(ClusterId cluster, byte[] body, int expected, string words)
        {
            var path = ControlPlane.Api.Forwarding.OffsetsPeers.Path(cluster);
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
            var self = new Caller("process x", ControlPlane.Storage.ActorKind.System, ControlPlane.Storage.Role.Viewer);
            request.Headers.Add(Tickets.ForwardHeader, Host.Get<Tickets>().ForForward(self, "POST", path));
            using var answer = await Host.Client.SendAsync(request, Token);
            Assert.Equal(expected, (int)answer.StatusCode);
            Assert.Contains(words, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Live_events_of_the_other_process_arrive_here()
    {
        await using var owner = await OwnerAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/live");
        request.Headers.Authorization = new("Bearer", Viewer);
        using var response = await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        var found = FindAsync(reader, "\"cluster\":\"far\"", patience.Token);
        for (var generation = 2; !found.IsCompleted; generation++)
        {
            await owner.Get<ControlPlane.Storage.ProcessStore>().HeartbeatAsync(owner.Get<ControlPlane.Clusters.ProcessIdentity>().Info, Token);
            owner.Views.Publish(A.Cluster("far").Brokers(2).Topic("orders").Generation(generation).Build());
            await Task.WhenAny(found, Task.Delay(200, patience.Token));
        }

        Assert.Contains("\"kind\":\"state\"", await found, StringComparison.Ordinal);
    }

    /// <summary>Waits for a row of the fleet: a process gives another one two seconds to answer, and tells what it knows until then.</summary>
    private async Task RowAsync(Predicate<JsonElement> wanted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!wanted((await Host.GetAsync("/api/v1/clusters?search=far", Viewer)).Is(200).Json.GetProperty("items")[0]))
        {
            await Task.Delay(100, patience.Token);
        }
    }

    private static async Task<string> FindAsync(StreamReader reader, string text, CancellationToken cancellationToken)
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

    private async Task<ApiHost> OwnerAsync()
    {
        var owner = await ApiHost.StartAsync(Storage);
        await owner.PublishAsync(A.Cluster("far").Brokers(2).Topic("orders").Build());
        Host.Views.Elsewhere[Far] = owner.Address;
        return owner;
    }
}
