using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>All consumers of a simulated cluster die, in two waves: one notification, told again when it has grown, resolved when all have caught up.</summary>
[Collection(Row.Incidents)]
public sealed class LagStormStory(Stage stage)
{
    private const string Root = "/api/v1/clusters/harbour";
    private const int Groups = 12;
    private const int First = 7;

    /// <summary>More than <c>Lag:Alerts:StormGroups</c>.</summary>
    private const int Least = 6;

    /// <summary>The rules wait 45 s for a silent group, 10 s for the storm, 30 s for more to tell, and 3 minutes until it is over.</summary>
    private const int Times = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly SimulationRequest Shape = new() { Brokers = 3, Topics = 6, PartitionsPerTopic = 4, Groups = Groups, KilobytesPerSecondPerBroker = 60, Seed = 4 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_storm_of_lag_rings_once_grows_under_its_key_and_is_resolved()
    {
        await using var receiver = await WebhookReceiver.StartAsync(secret: null, Token);
        await using var product = await StartAsync(receiver);
        await using var visitor = await stage.VisitAsync(product);
        await visitor.LogInFirstAsync();
        var groups = (await product.UntilAsync<Page<GroupDto>>($"{Root}/groups", page => page.Total == Groups && page.Items.All(IsKnown), Patience, Token)).Items.Select(group => group.Id).ToList();

        await StopAsync(product, groups[..First]);
        await receiver.UntilAsync(received => received.Count > 0, Patience, Token);
        Assert.InRange(CountIn(receiver.Received[0]), Least, First); // groups are judged one after the other, and the first page does not wait for the last of them
        var storm = Assert.Single((await product.UntilAsync<Page<AnomalyDto>>($"{Root}/anomalies?kind=lag-storm&state=active", page => page.Items.Any(one => one.Sentence.StartsWith($"{First} consumer groups lag; worst: ", StringComparison.Ordinal)), Patience, Token)).Items);
        await visitor.GoAsync($"/c/harbour/incidents/{storm.Id}");
        await Assertions.Expect(visitor.Page.Locator(".sentence").First).ToContainTextAsync($"{First} consumer groups lag");
        await visitor.PicturesAsync("lag-storm");

        await StopAsync(product, groups[First..]);
        await receiver.UntilAsync(received => CountIn(received[^1]) == Groups, Patience, Token);
        await Assertions.Expect(visitor.Page.Locator(".sentence").First).ToContainTextAsync($"{Groups} consumer groups lag");
        await visitor.PicturesAsync("lag-storm-grown");

        await PostAsync(product, $"{Root}/demo", new DemoActionRequest("restore", null, null));
        await product.UntilAsync<Page<AnomalyDto>>($"{Root}/anomalies?state=open", page => page.Total == 0, Patience, Token);
        await receiver.UntilAsync(received => received[^1].Event == "resolve", Patience, Token);
        await Assertions.Expect(visitor.Page.GetByTestId("incident-state")).ToHaveTextAsync("resolved");
        await visitor.PicturesAsync("lag-storm-over");

        await NothingElseAsync(product, receiver.Received);
        Assert.Empty(visitor.Complaints);
    }

    /// <summary>One key from the first word to the last, louder each time and then over; of single groups nothing was sent, and nothing is left to be.</summary>
    private static async Task NothingElseAsync(ProductProcess product, IReadOnlyList<ReceivedAlert> received)
    {
        Assert.Single(received.Select(one => one.DedupKey).Distinct());
        Assert.Equal([.. Enumerable.Repeat("trigger", received.Count - 1), "resolve"], received.Select(one => one.Event));
        var told = received.SkipLast(1).Select(CountIn).ToList();
        Assert.Equal(told.Distinct().Order(), told);
        Assert.StartsWith("[OK] harbour: resolved: ", SummaryOf(received[^1]), StringComparison.Ordinal);
        var deliveries = await product.GetAsync<Page<DeliveryDto>>("/api/v1/deliveries?limit=100", Token);
        Assert.Equal((received.Count, Groups), (deliveries.Items.Count(one => one.State == "delivered"), deliveries.Items.Count(one => one is { State: "superseded", Event: "trigger" })));
        Assert.Equal(received.Count + Groups, deliveries.Total);
    }

    private async Task<ProductProcess> StartAsync(WebhookReceiver receiver)
    {
        var settings = new Dictionary<string, string>(QuickClock.Settings(Times))
        {
            ["Alerts__AllowedAddresses__0"] = "127.0.0.0/8",
            ["Lag__Alerts__StormUpdate"] = "00:00:30",
            ["Sampling__Groups"] = "00:00:05", // as often as they commit
        };
        var product = await ProductProcess.StartAsync(await stage.NewDatabaseAsync(Token), settings, Token);
        await PostAsync(product, "/api/v1/alert-targets", new AlertTargetRequest("On call", "webhook", true, receiver.Url, MinSeverity: "warning"));
        await PostAsync(product, "/api/v1/clusters", new CreateClusterRequest { Id = "harbour", DisplayName = "Harbour", Kind = ClusterKind.Simulated, Simulation = Shape });
        return product;
    }

    /// <summary>It has committed often enough for a silence to mean something.</summary>
    private static bool IsKnown(GroupDto group) => group.Judgement is { Word: "OK", Complete: >= 0.4 };

    private static async Task StopAsync(ProductProcess product, IEnumerable<string> groups)
    {
        foreach (var group in groups)
        {
            await PostAsync(product, $"{Root}/demo", new DemoActionRequest("stop-consumer", null, group));
        }
    }

    /// <summary>How many groups it tells of.</summary>
    private static int CountIn(ReceivedAlert alert) =>
        SummaryOf(alert).Split(": ")[1].Split(' ') is [var count, "consumer", "groups", ..] ? int.Parse(count, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"No storm is told by {alert.Body}");

    private static string SummaryOf(ReceivedAlert alert)
    {
        using var body = JsonDocument.Parse(alert.Body);
        return body.RootElement.GetProperty("summary").GetString()!;
    }

    private static async Task PostAsync(ProductProcess product, string path, object body)
    {
        using var answer = await product.Http.PostAsJsonAsync(path, body, Json.Options, Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
    }
}
