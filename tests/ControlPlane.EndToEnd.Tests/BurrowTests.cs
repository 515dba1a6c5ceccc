using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>Burrow's API beside a real Burrow: the same cluster, the same groups, the same answers, key by key.</summary>
[Collection(Row.Incidents)]
public sealed class BurrowTests(Stage stage)
{
    private const string Cluster = "local";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>None has a space in its name: of those the real one says NOTFOUND, however long one waits.</summary>
    private static readonly string[] Groups = ["behind-me", "caught-up", "partly", "p%q", "größe", "went-back"];

    /// <summary>What both are asked; {g} stands for each group.</summary>
    private static readonly string[] Paths =
    [
        "GET /burrow/admin", "GET /v3/kafka", "GET /v3/kafka/", "GET /v3//kafka", "GET /v3/kafka/local", "GET /v3/kafka/LOCAL", "GET /v3/kafka/nope", "GET /v3/kafka/LOCAL/topic", "GET /v3/kafka/local/topic", "GET /v3/kafka/nope/topic",
        "GET /v3/kafka/local/topic/orders", "GET /v3/kafka/local/topic/nope", "GET /v3/kafka/local/topic/orders/", "GET /v3/kafka/local/topic/orders/consumers", "GET /v3/kafka/local/topic/nope/consumers", "GET /v3/kafka/nope/topic/orders/consumers",
        "GET /v3/kafka/local/consumer", "GET /v3/kafka/nope/consumer", "GET /v3/kafka/local/consumer/nope", "GET /v3/kafka/local/consumer/nope/status", "GET /v3/kafka/local/consumer/nope/lag", "GET /v3/kafka/nope/consumer/nope/lag",
        "GET /v3/kafka/local/consumer/{g}", "GET /v3/kafka/local/consumer/{g}/status", "GET /v3/kafka/local/consumer/{g}/lag", "GET /v3/kafka/local/consumer/{g}/nope",
        "GET /v3/config", "GET /v3/config/storage", "GET /v3/config/storage/default", "GET /v3/config/storage/nope", "GET /v3/config/evaluator", "GET /v3/config/evaluator/default", "GET /v3/config/cluster", "GET /v3/config/cluster/local",
        "GET /v3/config/consumer", "GET /v3/config/consumer/local", "GET /v3/config/notifier", "GET /v3/config/notifier/nope", "GET /v3/config/notifier/hook", "GET /v3/config/notifier/HOOK", "GET /v3/config/notifier/off", "GET /v3/config/nope", "GET /v3/admin/loglevel", "GET /v3", "GET /v3/nope", "GET /burrow",
        "HEAD /v3/kafka", "OPTIONS /v3/kafka/local/consumer/nope", "OPTIONS /v3/nope", "PUT /v3/kafka", "DELETE /v3/kafka", "TRACE /v3/kafka", "POST /v3/kafka/local/consumer/nope", "POST /v3/admin/loglevel/",
    ];

    /// <summary>Whose values are each one's own: how it is set up, when it read, and how far it saw the log then. Their kinds are compared all the same.</summary>
    private static readonly HashSet<string> OwnValues = ["host", "client-profile", "topic-refresh", "offset-refresh", "general", "logging", "zookeeper", "httpserver", "expire-cache", "servers", "offsets-topic", "interval", "timeout", "keepalive", "url-open", "url-close", "template-open", "template-close"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_path_has_the_status_the_keys_and_the_values_of_the_real_one()
    {
        var (program, missing) = await BurrowProcess.FindAsync(Token);
        Assert.SkipWhen(program is null, missing);
        await using var kafka = await StartAsync();
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        await FillAsync(client);
        await using var burrow = await BurrowProcess.StartAsync(
            program!, new BurrowConfig(Cluster, kafka.BootstrapServers, kafka.Controller!.Endpoint, TopicRefresh: 2, OffsetRefresh: 1, MinDistance: 4) { Notifiers = [("hook", "http"), ("off", "null")] }, Token);
        var settings = new Dictionary<string, string> { ["Sampling__Groups"] = "00:00:01", ["Sampling__Offsets"] = "00:00:01" };
        await using var product = await ProductProcess.StartAsync(await stage.NewDatabaseAsync(Token), settings, Token);
        using var created = await product.Http.PostAsJsonAsync("/api/v1/clusters", new CreateClusterRequest { Id = Cluster, DisplayName = "Local", Connection = new ConnectionRequest { BootstrapServers = kafka.BootstrapServers } }, Json.Options, Token);
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync(Token));
        await AddTargetAsync(product.Http, "hook", "http://192.0.2.1/hook", isEnabled: true);
        await AddTargetAsync(product.Http, "off", "http://192.0.2.2/hook", isEnabled: false);
        using var ours = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = product.Address }; // without a token, as Burrow's clients come

        var asked = Paths.SelectMany(path => path.Contains("{g}", StringComparison.Ordinal) ? Groups.Select(group => path.Replace("{g}", Uri.EscapeDataString(group), StringComparison.Ordinal)) : [path]).ToList();
        var (began, differences) = (TimeProvider.System.GetTimestamp(), new List<string>());
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        do
        {
            await timer.WaitForNextTickAsync(Token); // both take a while until they have read everything
            differences = [];
            foreach (var request in asked)
            {
                differences.AddRange(await CompareAsync(burrow.Http, ours, request));
            }
        }
        while (differences.Count > 0 && TimeProvider.System.GetElapsedTime(began) < Patience);

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        TestContext.Current.TestOutputHelper?.WriteLine($"{asked.Count} requests answered alike after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
    }

    private static async Task AddTargetAsync(HttpClient product, string name, string url, bool isEnabled)
    {
        using var created = await product.PostAsJsonAsync("/api/v1/alert-targets", new AlertTargetRequest(name, "webhook", isEnabled, url, MinSeverity: "error"), Json.Options, Token);
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Three commits further apart than those that take the place of the one before; the log ends at 100 before anybody looks.</summary>
    private static async Task FillAsync(RealKafkaClient client)
    {
        await client.CreateTopicAsync("orders", partitions: 3, replicas: 1);
        await client.CreateTopicAsync("other", partitions: 1, replicas: 1);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(partition => client.ProduceAsync("orders", partition, count: 100)));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(4.2));
        for (var round = 1; round <= 3; round++)
        {
            client.Commit("behind-me", ("orders", 0, round * 10), ("orders", 1, 100), ("orders", 2, 50), ("other", 0, 0));
            client.Commit("caught-up", ("orders", 0, 100), ("orders", 1, 100), ("orders", 2, 100));
            client.Commit("partly", ("orders", 1, 90 + round));
            client.Commit("p%q", ("orders", 0, 100));
            client.Commit("größe", ("other", 0, 0));
            client.Commit("went-back", ("orders", 0, 90 - (round * 20)));
            await timer.WaitForNextTickAsync(Token);
        }
    }

    private static async Task<IReadOnlyList<string>> CompareAsync(HttpClient real, HttpClient ours, string request)
    {
        var (expected, actual) = (await AskAsync(real, request), await AskAsync(ours, request));
        var differences = new List<string>();
        AddIf("status", expected.Status, actual.Status);
        AddIf("type", expected.Type, actual.Type);
        AddIf("location", expected.Location, actual.Location);
        AddIf("allow", expected.Allow, actual.Allow);
        if (expected.Type == "application/json" && actual.Type == expected.Type)
        {
            Compare(JsonNode.Parse(expected.Body), JsonNode.Parse(actual.Body), "", areValuesOwn: false, differences);
        }
        else if (expected.Type == "text/plain")
        {
            AddIf("body", expected.Body, actual.Body);
        }

        return [.. differences.Select(difference => $"{request}: {difference}")];

        void AddIf(string what, string theirs, string mine)
        {
            if (theirs != mine)
            {
                differences.Add($"{what} '{theirs}' is '{mine}' here");
            }
        }
    }

    private static async Task<(string Status, string Type, string Location, string Allow, string Body)> AskAsync(HttpClient http, string request)
    {
        var parts = request.Split(' ', 2);
        using var message = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        try
        {
            using var answer = await http.SendAsync(message, Token);
            return ($"{(int)answer.StatusCode}", answer.Content.Headers.ContentType?.MediaType ?? "", answer.Headers.Location?.OriginalString ?? "", string.Join(", ", answer.Content.Headers.Allow), await answer.Content.ReadAsStringAsync(Token));
        }
        catch (HttpRequestException ex)
        {
            return (ex.HttpRequestError.ToString(), "", "", "", ""); // it is still starting
        }
    }

    private static void Compare(JsonNode? theirs, JsonNode? mine, string at, bool areValuesOwn, List<string> differences)
    {
        switch (theirs, mine)
        {
            case (JsonObject one, JsonObject other):
                CompareObjects(one, other, at, areValuesOwn, differences);
                break;
            case (JsonArray one, JsonArray other) when areValuesOwn:
                break;
            case (JsonArray one, JsonArray other):
                CompareArrays(one, other, at, differences);
                break;
            case var _ when at.EndsWith(".lag", StringComparison.Ordinal): // of when each of them read the commit: a number, or null where that was late
                break;
            case var _ when theirs?.GetValueKind() != mine?.GetValueKind():
                differences.Add($"{at} is {theirs?.ToJsonString() ?? "null"} there and {mine?.ToJsonString() ?? "null"} here");
                break;
            case var _ when !areValuesOwn && theirs?.ToJsonString() != mine?.ToJsonString():
                differences.Add($"{at} is {theirs?.ToJsonString()} there and {mine?.ToJsonString()} here");
                break;
        }
    }

    /// <summary>Burrow 1.2.1 did not tell when it read a commit nor how a notifier's certificate is checked, and had another word for its allowlist; 1.9, which is followed, does.</summary>
    private static void CompareObjects(JsonObject theirs, JsonObject mine, string at, bool areValuesOwn, List<string> differences)
    {
        string[] expected = [.. theirs.Select(pair => pair.Key.Replace("whitelist", "allowlist", StringComparison.Ordinal))];
        string[] actual = [.. mine.Select(pair => pair.Key).Where(key => key is not ("observedAt" or "extra-ca" or "noverify"))];
        if (!expected.SequenceEqual(actual))
        {
            differences.Add($"{at} has the keys {string.Join(',', expected)} there and {string.Join(',', actual)} here");
            return;
        }

        foreach (var (key, value) in theirs)
        {
            Compare(value, mine[key.Replace("whitelist", "allowlist", StringComparison.Ordinal)], $"{at}.{key}", areValuesOwn || OwnValues.Contains(key), differences);
        }
    }

    /// <summary>Burrow lists names and topics in any order; where the order says something (windows, partitions of one topic) it is by number in both.</summary>
    private static void CompareArrays(JsonArray theirs, JsonArray mine, string at, List<string> differences)
    {
        if (theirs.Count != mine.Count)
        {
            differences.Add($"{at} has {theirs.Count} entries there and {mine.Count} here: {theirs.ToJsonString()} and {mine.ToJsonString()}");
            return;
        }

        var (expected, actual) = (Sorted(theirs), Sorted(mine));
        for (var i = 0; i < expected.Count; i++)
        {
            Compare(expected[i], actual[i], $"{at}[{i}]", false, differences);
        }

        static List<JsonNode?> Sorted(JsonArray array) =>
            array.Count > 0 && array[0] is JsonObject first && first.ContainsKey("topic") ? [.. array.OrderBy(one => $"{one!["topic"]}-{one["partition"]}", StringComparer.Ordinal)]
            : array.Count > 0 && array[0]?.GetValueKind() == System.Text.Json.JsonValueKind.String ? [.. array.OrderBy(one => one!.GetValue<string>(), StringComparer.Ordinal)]
            : [.. array];
    }

    private static async Task<RealKafka> StartAsync()
    {
        try
        {
            return await RealKafka.StartAsync(new RealKafkaOptions { Version = "3.9.2", ZooKeeper = true, Brokers = 1 }, Token);
        }
        catch (KafkaUnavailableException ex)
        {
            throw Stage.Missing(ex.Message);
        }
    }
}
