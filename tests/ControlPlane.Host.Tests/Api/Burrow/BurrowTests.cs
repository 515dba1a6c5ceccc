using System.Text;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api.Burrow;

/// <summary>Burrow's API, path by path, as its clients know it. Compared with a real Burrow in EndToEnd.</summary>
public sealed class BurrowTests(BurrowFixture api) : ApiTests(api), IClassFixture<BurrowFixture>
{
    private const string Cluster = BurrowFixture.Cluster;

    [Theory]
    [InlineData("/burrow/admin", 200, "GOOD")]
    [InlineData("/burrow/admin/ready", 200, "READY")]
    [InlineData("/v3/kafka", 200, """{"error":false,"message":"cluster list returned","clusters":["kept"],"request":{"url":"/v3/kafka","host":"HOST"}}""")]
    [InlineData("/v3/kafka?x=1", 200, """{"error":false,"message":"cluster list returned","clusters":["kept"],"request":{"url":"/v3/kafka","host":"HOST"}}""")]
    [InlineData("/v3/kafka/Kept", 200, """{"error":false,"message":"cluster module detail returned","module":{"class-name":"kafka","servers":["b1.example:9092"],"client-profile":{"name":"kept","client-id":"kafka-control-plane","kafka-version":"","tls":null,"sasl":null},"topic-refresh":10,"offset-refresh":10},"request":{"url":"/v3/kafka/Kept","host":"HOST"}}""")]
    [InlineData("/v3/kafka/nope", 404, """{"error":true,"message":"cluster module not found","request":{"url":"/v3/kafka/nope","host":"HOST"}}""")]
    [InlineData("/v3/kafka/kept/topic", 200, """{"error":false,"message":"topic list returned","topics":["orders"],"request":{"url":"/v3/kafka/kept/topic","host":"HOST"}}""")]
    [InlineData("/v3/kafka/Kept/topic", 404, """{"error":true,"message":"cluster not found","request":{"url":"/v3/kafka/Kept/topic","host":"HOST"}}""")]
    [InlineData("/v3/kafka/kept/topic/orders", 200, """{"error":false,"message":"topic offsets returned","offsets":[100,100],"request":{"url":"/v3/kafka/kept/topic/orders","host":"HOST"}}""")] // the end of the third is not known
    [InlineData("/v3/kafka/kept/topic/nope", 404, """{"error":true,"message":"cluster or topic not found","request":{"url":"/v3/kafka/kept/topic/nope","host":"HOST"}}""")]
    [InlineData("/v3/kafka/kept/topic/nope/consumers", 200, """{"error":false,"message":"consumers of topic returned","consumers":[],"request":{"url":"/v3/kafka/kept/topic/nope/consumers","host":"HOST"}}""")]
    [InlineData("/v3/kafka/nope/topic/orders/consumers", 404, """{"error":true,"message":"cluster not found","request":{"url":"/v3/kafka/nope/topic/orders/consumers","host":"HOST"}}""")]
    [InlineData("/v3/kafka/nope/consumer", 404, """{"error":true,"message":"cluster not found","request":{"url":"/v3/kafka/nope/consumer","host":"HOST"}}""")]
    [InlineData("/v3/kafka/kept/consumer/nope", 404, """{"error":true,"message":"cluster or consumer not found","request":{"url":"/v3/kafka/kept/consumer/nope","host":"HOST"}}""")]
    [InlineData("/v3/kafka/nope/consumer/x%20y/lag", 404, """{"error":false,"message":"consumer status returned","status":{"cluster":"nope","group":"x y","status":"NOTFOUND","complete":1,"partitions":[],"partition_count":0,"maxlag":null,"totallag":0},"request":{"url":"/v3/kafka/nope/consumer/x y/lag","host":"HOST"}}""")]
    [InlineData("/v3/kafka/kept/consumer/billing", 200, """{"error":false,"message":"consumer detail returned","topics":{"orders":[{"offsets":[null,null,null,null,null,null,null,{"offset":80,"timestamp":T0,"observedAt":O0,"lag":20},{"offset":85,"timestamp":T1,"observedAt":O1,"lag":15},{"offset":90,"timestamp":T2,"observedAt":O2,"lag":10}],"owner":"/10.0.0.1","client_id":"client","current-lag":10},{"offsets":[],"owner":"/10.0.0.1","client_id":"client","current-lag":0},{"offsets":[],"owner":"","client_id":"","current-lag":0}]},"request":{"url":"/v3/kafka/kept/consumer/billing","host":"HOST"}}""")]
    [InlineData("/v3/kafka/kept/consumer/billing/status", 200, """{"error":false,"message":"consumer status returned","status":{"cluster":"kept","group":"billing","status":"ERR","complete":0,"partitions":[BAD],"partition_count":3,"maxlag":BAD,"totallag":10},"request":{"url":"/v3/kafka/kept/consumer/billing/status","host":"HOST"}}""")]
    [InlineData("/v3/kafka/kept/consumer/billing/lag", 200, """{"error":false,"message":"consumer status returned","status":{"cluster":"kept","group":"billing","status":"ERR","complete":0,"partitions":[BAD,{"topic":"orders","partition":1,"owner":"/10.0.0.1","client_id":"client","status":"OK","start":null,"end":null,"current_lag":0,"complete":0},{"topic":"orders","partition":2,"owner":"","client_id":"","status":"OK","start":null,"end":null,"current_lag":0,"complete":0}],"partition_count":3,"maxlag":BAD,"totallag":10},"request":{"url":"/v3/kafka/kept/consumer/billing/lag","host":"HOST"}}""")]
    [InlineData("/v3/config/storage", 200, """{"error":false,"message":"module list returned","request":{"url":"/v3/config/storage","host":"HOST"},"coordinator":"storage","modules":["default"]}""")]
    [InlineData("/v3/config/notifier", 200, """{"error":false,"message":"module list returned","request":{"url":"/v3/config/notifier","host":"HOST"},"coordinator":"notifier","modules":[]}""")]
    [InlineData("/v3/config/storage/default", 200, """{"error":false,"message":"storage module detail returned","module":{"class-name":"inmemory","intervals":10,"min-distance":4,"group-allowlist":"","expire-group":604800},"request":{"url":"/v3/config/storage/default","host":"HOST"}}""")]
    [InlineData("/v3/config/evaluator/default", 200, """{"error":false,"message":"evaluator module detail returned","module":{"class-name":"caching","expire-cache":0},"request":{"url":"/v3/config/evaluator/default","host":"HOST"}}""")]
    [InlineData("/v3/config/notifier/mail", 404, """{"error":true,"message":"notifier module not found","request":{"url":"/v3/config/notifier/mail","host":"HOST"}}""")]
    [InlineData("/v3/config/consumer/kept", 200, """{"error":false,"message":"consumer module detail returned","module":{"class-name":"kafka","cluster":"kept","servers":["b1.example:9092"],"group-allowlist":"","zookeeper-path":"","zookeeper-timeout":0,"client-profile":{"name":"kept","client-id":"kafka-control-plane","kafka-version":"","tls":null,"sasl":null},"offsets-topic":"__consumer_offsets","start-latest":false},"request":{"url":"/v3/config/consumer/kept","host":"HOST"}}""")]
    [InlineData("/v3/config/nope", 404, """{"error":true,"message":"invalid request type","result":{}}""")]
    [InlineData("/v3", 404, """{"error":true,"message":"invalid request type","result":{}}""")]
    [InlineData("/burrow", 404, """{"error":true,"message":"invalid request type","result":{}}""")]
    [InlineData("/v3/kafka/kept/consumer/billing/nope", 404, """{"error":true,"message":"invalid request type","result":{}}""")]
    public async Task Every_path_answers_as_Burrow_does_without_a_log_in(string path, int status, string expected)
    {
        var reply = (await Host.GetAsync(path, null)).Is(status);

        Assert.Equal(BurrowFixture.Filled(expected), reply.Body.TrimEnd('\n'));
        Assert.Equal(status is 404 && expected.Contains("invalid request", StringComparison.Ordinal) || path.StartsWith("/burrow", StringComparison.Ordinal) ? "text/plain" : "application/json", reply.ContentHeaders.ContentType?.MediaType);
    }

    [Fact]
    public async Task Alert_targets_are_its_notifiers_without_what_is_secret_in_them()
    {
        var targets = Host.Get<AlertTargetStore>();
        await targets.AddAsync(new AlertTargetDefinition(new AlertTarget(Guid.NewGuid(), AlertTargetKind.Webhook, true, Severity.Warning, null), "On call", "https://hook.example/services/T0/secret"), "a-secret-of-sixteen", Token);
        await targets.AddAsync(new AlertTargetDefinition(new AlertTarget(Guid.NewGuid(), AlertTargetKind.PagerDuty, false, Severity.Critical, null), "pager", "https://events.pagerduty.com"), new string('k', 32), Token);
        try
        {
            await IsAsync("/v3/config/notifier", """{"error":false,"message":"module list returned","request":{"url":"/v3/config/notifier","host":"HOST"},"coordinator":"notifier","modules":["on call","pager"]}""");
            await IsAsync("/v3/config/notifier/On%20Call", """{"error":false,"message":"notifier module detail returned","module":{"class-name":"http","group-allowlist":"","interval":0,"threshold":2,"timeout":10,"keepalive":60,"url-open":"https://hook.example/...","url-close":"https://hook.example/...","method-open":"POST","method-close":"POST","template-open":"","template-close":"","extra":{},"send-close":true,"extra-ca":"","noverify":""},"request":{"url":"/v3/config/notifier/On Call","host":"HOST"}}""");
            await IsAsync("/v3/config/notifier/pager", """{"error":false,"message":"notifier module detail returned","module":{"class-name":"null","group-allowlist":"","interval":0,"threshold":3,"template-open":"","template-close":"","extra":{},"send-close":true},"request":{"url":"/v3/config/notifier/pager","host":"HOST"}}""");
        }
        finally
        {
            foreach (var target in await targets.ListAsync(Token))
            {
                await targets.RemoveAsync(target.Id, Token);
            }
        }

        async Task IsAsync(string path, string expected) =>
            Assert.Equal(BurrowFixture.Filled(expected), (await Host.SendAsync(HttpMethod.Get, path)).Is(200).Body.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("GET", "/v3/kafka/", 301, "/v3/kafka")]
    [InlineData("GET", "/v3//kafka", 301, "/v3/kafka")]
    [InlineData("GET", "/v3/kafka/kept/topic/orders/", 301, "/v3/kafka/kept/topic/orders")]
    [InlineData("GET", "/v3/kafka/kept/consumer/a%2Fb/", 301, "/v3/kafka/kept/consumer/a%2Fb")]
    [InlineData("POST", "/v3/admin/loglevel/", 307, "/v3/admin/loglevel")]
    [InlineData("GET", "/v3/nope/", 404, null)]
    [InlineData("HEAD", "/v3/kafka", 405, "GET, OPTIONS")]
    [InlineData("PUT", "/v3/kafka/kept/consumer/billing", 405, "DELETE, GET, OPTIONS")]
    [InlineData("DELETE", "/v3/kafka", 405, "GET, OPTIONS")]
    [InlineData("DELETE", "/v3/kafka/kept/consumer/billing/status", 405, "GET, OPTIONS")]
    [InlineData("OPTIONS", "/v3/kafka/kept/consumer/billing", 200, "DELETE, GET, OPTIONS")]
    [InlineData("OPTIONS", "/v3/nope", 404, null)]
    [InlineData("GET", "/v3/kafka/kept/consumer/billing/topic/orders", 405, "DELETE, OPTIONS")]
    public async Task Methods_and_slashes_are_as_odd_as_Burrows(string method, string path, int status, string? header)
    {
        var reply = (await Host.SendAsync(new HttpMethod(method), path)).Is(status);

        Assert.Equal(header, status < 400 && status != 200 ? reply.Headers.Location?.OriginalString : reply.ContentHeaders.Allow.Count == 0 ? null : string.Join(", ", reply.ContentHeaders.Allow));
    }

    public static TheoryData<string> OddNames =>
    [
        "with space", "a/b", "a%2Fb", "p%q", "100%25", "äö/ü 😀", "tab\tand\nnewline\u0001", "<script>&\"'", "..%2F..", "%", new string('g', 10_000), string.Concat(Enumerable.Repeat("é%/", 3_333)),
    ];

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task A_group_with_any_name_is_found_however_often_its_name_was_escaped(string group)
    {
        api.Keep(group);
        var once = Uri.EscapeDataString(group);
        foreach (var segment in (string[])[once, Uri.EscapeDataString(once)])
        {
            if (segment.Length > 100_000 || Uri.UnescapeDataString(once) != group)
            {
                continue;
            }

            var status = (await Host.GetAsync($"/v3/kafka/{Cluster}/consumer/{segment}/lag", null)).Is(200).Json.GetProperty("status");
            Assert.Equal(group, status.GetProperty("group").GetString());
            Assert.Equal(3, status.GetProperty("partition_count").GetInt32());
        }

        Assert.Equal(group, (await Host.GetAsync($"/api/v1/clusters/{Cluster}/groups/{once}", Viewer)).Is(200).Json.GetProperty("group").GetProperty("id").GetString());
        await Host.SendAsync(HttpMethod.Post, $"/api/v1/clusters/{Cluster}/groups/{once}/deletion", Operator, """{"dryRun":true}""");
        Assert.Equal(group[..Math.Min(500, group.Length)], (await Host.GetAsync("/api/v1/audit?limit=1", Viewer)).Is(200).Json.GetProperty("items")[0].GetProperty("target").GetString());
        Assert.Contains(group, (await Host.GetAsync($"/v3/kafka/{Cluster}/consumer", null)).Is(200).Json.GetProperty("consumers").EnumerateArray().Select(one => one.GetString()));
    }

    [Theory]
    [InlineData("(a+)+$", 0)]
    [InlineData("aaaaaaaaaa", 1)]
    [InlineData("AAA!", 1)]
    [InlineData("[", 0)]
    public async Task A_filter_of_groups_is_text_and_never_an_expression_that_could_explode(string search, int expected)
    {
        api.Keep(new string('a', 5_000) + '!');
        Assert.Equal(expected, (await Host.GetAsync($"/api/v1/clusters/{Cluster}/groups?search={Uri.EscapeDataString(search)}", Viewer)).Is(200).Json.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Strangers_need_a_token_and_may_send_it_as_Burrows_clients_can()
    {
        (string, string)[] stranger = [("X-Forwarded-For", "10.1.1.1")];
        Assert.True((await Host.GetAsync("/v3/kafka", null, stranger)).Is(401).Json.GetProperty("error").GetBoolean());
        Assert.Contains("Basic", (await Host.GetAsync("/v3/kafka", null, stranger)).Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        (await Host.GetAsync("/v3/nope", null, stranger)).Is(401);
        (await Host.GetAsync("/burrow/admin", null, stranger)).Is(200);
        (await Host.GetAsync("/v3/kafka", null, ("Host", "evil.example"))).Is(401); // a name of somebody else's that leads here
        (await Host.GetAsync("/v3/kafka", Viewer, stranger)).Is(200);
        (await Host.GetAsync("/v3/kafka", null, ("Authorization", Basic(Viewer)), stranger[0])).Is(200);
        foreach (var wrong in new[] { "Basic", "Basic !!", "Basic bm9jb2xvbg==", Basic("kcp_wrong"), "Bearer kcp_wrong", "Digest x" })
        {
            (await Host.GetAsync("/v3/kafka", null, ("Authorization", wrong))).Is(401); // also where none is needed
        }
    }

    [Fact]
    public async Task Without_the_setting_nothing_is_removed_and_the_attempt_is_kept()
    {
        api.Keep("stays");
        foreach (var token in new[] { null, Viewer, Admin })
        {
            var refused = (await Host.SendAsync(HttpMethod.Delete, $"/v3/kafka/{Cluster}/consumer/stays", token)).Is(403).Json;
            Assert.Contains("Burrow:AllowChanges", refused.GetProperty("message").GetString(), StringComparison.Ordinal);
            (await Host.SendAsync(HttpMethod.Post, "/v3/admin/loglevel", token, """{"level":"debug"}""")).Is(403);
        }

        (await Host.GetAsync($"/v3/kafka/{Cluster}/consumer/stays", null)).Is(200);
        Assert.Contains("lag.forget", await AuditTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_window_is_judged_by_Burrows_rules_as_single_precision_fractions()
    {
        var status = (await Host.GetAsync($"/v3/kafka/{Cluster}/consumer/two-thirds/lag", null)).Is(200);
        Assert.Contains("\"complete\":0.6666667,", status.Body, StringComparison.Ordinal); // of the group: float32 digits
    }

    [Fact]
    public async Task A_cluster_of_another_process_is_answered_by_that_one()
    {
        await using var owner = await ApiHost.StartAsync(Storage);
        await owner.PublishAsync(A.Cluster("away").Brokers(2).Topic("orders").Build());
        var book = BurrowFixture.NewBook();
        BurrowFixture.Keep(book, "far group", commits: 2);
        owner.Get<LagBooks>().Open(new ClusterId("away"), book);
        Host.Views.Elsewhere[new ClusterId("away")] = owner.Address;
        try
        {
            Assert.Equal("OK", (await Host.GetAsync("/v3/kafka/away/consumer/far%20group/lag", null)).Is(200).Json.GetProperty("status").GetProperty("partitions")[1].GetProperty("status").GetString());
            (await Host.GetAsync("/v3/kafka/away", Viewer)).Is(200);
            (await Host.SendAsync(HttpMethod.Delete, "/v3/kafka/away/consumer/far%20group", Admin)).Is(403);
        }
        finally
        {
            await owner.DisposeAsync();
        }

        Assert.True((await Host.GetAsync("/v3/kafka/away/consumer", null)).Is(503).Json.GetProperty("error").GetBoolean());
        await Host.Get<ControlPlane.Storage.ClusterStore>().RemoveAsync(new ClusterId("away"), Token);
        Host.Get<ControlPlane.Api.FleetDirectory>().Forget();
    }

    private static string Basic(string secret) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"telegraf:{secret}"))}";
}
