using System.Text.Json;
using ControlPlane.Contracts;
using ControlPlane.Host.Tests.Api;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Alerts;

/// <summary>An API that may send to loopback and fails quickly.</summary>
public sealed class AlertApiFixture(StorageServer server) : ApiFixture(server)
{
    internal override Dictionary<string, string?> Settings => new()
    {
        ["Alerts:AllowedAddresses:0"] = "127.0.0.0/8",
        ["Alerts:RetryBase"] = "00:00:00.050",
        ["Alerts:PollInterval"] = "00:00:00.050",
        ["Alerts:ProbePause"] = "00:00:00.050",
    };
}

/// <summary>Targets and deliveries through the API, with the product's own sender behind it.</summary>
public sealed class AlertApiTests(AlertApiFixture api) : IClassFixture<AlertApiFixture>
{
    private const string Secret = "s3cret-of-the-webhook-0123456789";
    private const string Key = "R0123456789abcdefABCDEF012345678";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int _names;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ApiHost Host => api.Host;

    [Theory]
    [InlineData("name", """{"name":" ","kind":"webhook","url":"https://hooks.example.com/"}""")]
    [InlineData("name", """{"name":"a\nb","kind":"webhook","url":"https://hooks.example.com/"}""")]
    [InlineData("kind", """{"name":"n","kind":"pager","url":"https://hooks.example.com/"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"hooks.example.com"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"ftp://hooks.example.com/"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"file:///etc/passwd"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"https://user:word@hooks.example.com/"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"https://hooks.example.com/#top"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"http://169.254.169.254/latest/meta-data"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"http://[::ffff:169.254.169.254]/"}""")]
    [InlineData("url", """{"name":"n","kind":"webhook","url":"http://[::1]/"}""")]
    [InlineData("secret", """{"name":"n","kind":"webhook","url":"https://hooks.example.com/","secret":"short"}""")]
    [InlineData("secret", """{"name":"n","kind":"webhook","url":"https://hooks.example.com/","secret":"with spaces in the middle"}""")]
    [InlineData("secret", """{"name":"n","kind":"pagerduty"}""")]
    [InlineData("secret", """{"name":"n","kind":"pagerduty","secret":"R0123456789abcdefABCDEF01234567"}""")]
    [InlineData("secret", """{"name":"n","kind":"pagerduty","secret":"R0123456789abcdef-BCDEF012345678"}""")]
    [InlineData("minSeverity", """{"name":"n","kind":"webhook","url":"https://hooks.example.com/","minSeverity":"CRIT"}""")]
    [InlineData("clusters", """{"name":"n","kind":"webhook","url":"https://hooks.example.com/","clusters":["nowhere"]}""")]
    [InlineData("clusters", """{"name":"n","kind":"webhook","url":"https://hooks.example.com/","clusters":[]}""")]
    public async Task A_target_that_makes_no_sense_is_refused_by_field(string field, string body)
    {
        var refused = (await Host.SendAsync(HttpMethod.Post, "/api/v1/alert-targets", api.Admin, body)).IsProblem(400).HasError(field);

        Assert.Contains("Expected", refused.Body.Replace("Use an address", "Expected", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Single(refused.Json.GetProperty("errors").EnumerateObject());
        Assert.DoesNotContain("R0123456789", refused.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        var refused = (await Host.SendAsync(HttpMethod.Post, "/api/v1/alert-targets", api.Admin, """{"name":"","kind":"webhook","url":"x","secret":"y","minSeverity":"z","clusters":[]}""")).IsProblem(400);

        Assert.Equal(5, refused.Json.GetProperty("errors").EnumerateObject().Count());
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        var first = await AddAsync();
        var second = await AddAsync();

        Assert.Contains(first.Name, (await PostAsync(new AlertTargetRequest(first.Name, "webhook", Url: "https://hooks.example.com/"))).IsProblem(409).Body, StringComparison.Ordinal);
        (await PutAsync(second, new AlertTargetRequest(first.Name, "webhook"), $"\"{second.Version}\"")).IsProblem(409);
    }

    [Fact]
    public async Task An_edit_needs_the_version_it_was_made_from_and_keeps_what_it_does_not_name()
    {
        var target = await AddAsync(secret: Secret);
        var edit = new AlertTargetRequest(target.Name, "webhook", IsEnabled: false, MinSeverity: "critical");

        (await PutAsync(target, edit, null)).IsProblem(428);
        (await PutAsync(target, edit, "\"999\"")).IsProblem(412);
        var edited = (await PutAsync(target, edit, (await Host.GetAsync(Path(target), api.Admin)).Is(200).Tag)).Is(200);
        (await PutAsync(target, edit, $"\"{target.Version}\"")).IsProblem(412);

        var now = Read<AlertTargetDto>(edited);
        Assert.Equal((false, "critical", true, target.Url, target.Version + 1), (now.IsEnabled, now.MinSeverity, now.HasSecret, now.Url, now.Version));
        (await PutAsync(target, edit with { Kind = "pagerduty" }, edited.Tag)).IsProblem(400).HasError("kind");
    }

    [Fact]
    public async Task A_stored_key_does_not_follow_a_new_address()
    {
        var target = Read<AlertTargetDto>((await PostAsync(new AlertTargetRequest(NewName(), "pagerduty", Secret: Key))).Is(201));
        Assert.Equal("https://events.pagerduty.com/", target.Url);

        var refused = (await PutAsync(target, new AlertTargetRequest(target.Name, "pagerduty", Url: "https://pagerduty.example.com"), $"\"{target.Version}\"")).IsProblem(400).HasError("secret");
        Assert.DoesNotContain(Key, refused.Body, StringComparison.Ordinal);
        (await PutAsync(target, new AlertTargetRequest(target.Name, "pagerduty", Url: "https://events.eu.pagerduty.com", Secret: Key), $"\"{target.Version}\"")).Is(200);
    }

    [Theory]
    [InlineData("GET", "alert-targets/{0}")]
    [InlineData("DELETE", "alert-targets/{0}")]
    [InlineData("POST", "alert-targets/{0}/test")]
    [InlineData("GET", "deliveries/{0}")]
    [InlineData("POST", "deliveries/{0}/resend")]
    public async Task Unknown_ids_are_told(string method, string path)
    {
        foreach (var id in new[] { "none", Guid.NewGuid().ToString() })
        {
            (await Host.SendAsync(new HttpMethod(method), $"/api/v1/{string.Format(null, path, id)}", api.Admin)).IsProblem(404);
        }
    }

    [Fact]
    public async Task A_target_that_is_switched_off_is_not_tested()
    {
        var target = Read<AlertTargetDto>((await PostAsync(new AlertTargetRequest(NewName(), "webhook", false, "https://hooks.example.com/"))).Is(201));

        Assert.Contains("Enable it", (await Host.SendAsync(HttpMethod.Post, Path(target, "/test"), api.Operator)).IsProblem(409).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_arrives_signed_and_is_sent_again_on_demand()
    {
        await using var hook = await WebhookReceiver.StartAsync(Secret, Token);
        var target = await AddAsync(hook.Url, Secret);
        var test = await TestAsync(target);
        var done = await UntilAsync(test.Id, "delivered");

        Assert.Equal(1, done.Delivery.Attempts);
        var again = Read<DeliveryDto>((await Host.SendAsync(HttpMethod.Post, $"/api/v1/deliveries/{test.Id}/resend", api.Operator)).Is(202));
        await UntilAsync(again.Id, "delivered");

        Assert.Empty(hook.Violations);
        Assert.Equal([test.Id.ToString(), again.Id.ToString()], hook.Received.Select(one => one.Delivery));
        Assert.Single(hook.Received.Select(one => one.Body).Distinct());
        Assert.All(hook.Received, one => Assert.Equal("test", one.Event));
    }

    [Fact]
    public async Task What_is_still_to_be_sent_is_not_sent_again()
    {
        await using var hook = await WebhookReceiver.StartAsync(null, Token);
        hook.Answer = _ => ReceiverAnswer.Status(503, 3600);
        var test = await TestAsync(await AddAsync(hook.Url));
        await hook.UntilAsync(received => received.Count > 0, Patience, Token);

        Assert.Contains("delivery-unfinished", (await Host.SendAsync(HttpMethod.Post, $"/api/v1/deliveries/{test.Id}/resend", api.Operator)).IsProblem(409).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_receiver_answered_and_the_path_of_its_url_are_for_admins()
    {
        await using var hook = await WebhookReceiver.StartAsync(null, Token);
        hook.Answer = _ => ReceiverAnswer.Status(400, body: "inside-of-the-receiver");
        var target = await AddAsync(hook.Url);
        var test = await TestAsync(target);
        await UntilAsync(test.Id, "failed");

        Assert.Contains("inside-of-the-receiver", (await Host.GetAsync($"/api/v1/deliveries/{test.Id}", api.Admin)).Is(200).Body, StringComparison.Ordinal);
        Assert.Contains("/hook", (await Host.GetAsync(Path(target), api.Admin)).Is(200).Body, StringComparison.Ordinal);
        foreach (var who in new[] { api.Operator, api.Viewer })
        {
            var detail = (await Host.GetAsync($"/api/v1/deliveries/{test.Id}", who)).Is(200);
            Assert.DoesNotContain("inside-of-the-receiver", detail.Body, StringComparison.Ordinal);
            Assert.Equal("refused", Read<DeliveryDetailDto>(detail).Attempts.Single().Outcome);
            Assert.DoesNotContain("/hook", (await Host.GetAsync(Path(target), who)).Is(200).Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_change_is_recorded_and_no_answer_log_or_entry_holds_a_secret()
    {
        await using var hook = await WebhookReceiver.StartAsync(Secret, Token);
        var target = await AddAsync(hook.Url, Secret);
        var edited = (await PutAsync(target, new AlertTargetRequest(target.Name, "webhook", Secret: Secret + "2"), $"\"{target.Version}\"")).Is(200);
        await PutAsync(target, new AlertTargetRequest(target.Name, "webhook", Secret: Secret), edited.Tag);
        var test = await TestAsync(target);
        await UntilAsync(test.Id, "delivered");
        var resent = Read<DeliveryDto>((await Host.SendAsync(HttpMethod.Post, $"/api/v1/deliveries/{test.Id}/resend", api.Operator)).Is(202));
        await UntilAsync(resent.Id, "delivered");
        var answers = new List<string> { edited.Body, (await Host.GetAsync("/api/v1/alert-targets", api.Admin)).Body, (await Host.GetAsync($"/api/v1/deliveries/{test.Id}", api.Admin)).Body };
        (await Host.SendAsync(HttpMethod.Delete, Path(target), api.Admin)).Is(204);
        (await Host.GetAsync(Path(target), api.Admin)).IsProblem(404);

        var audit = (await Host.GetAsync("/api/v1/audit?limit=500", api.Viewer)).Is(200).Body;
        foreach (var action in new[] { "alert-target.add", "alert-target.edit", "alert-target.test", "delivery.resend", "alert-target.remove" })
        {
            Assert.Contains($"\"{action}\"", audit, StringComparison.Ordinal);
        }

        Assert.All([.. answers, audit, Host.Log.Text], text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
        Assert.DoesNotContain(hook.Url, Host.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_is_not_changed_and_nothing_is_sent_without_its_entry()
    {
        await using var hook = await WebhookReceiver.StartAsync(null, Token);
        var target = await AddAsync(hook.Url);
        await api.Storage.ExecuteAsync("CREATE FUNCTION refuse_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '53100'; END $$; CREATE TRIGGER break_audit BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse_entry()", Token);
        try
        {
            (await PostAsync(new AlertTargetRequest("unrecorded", "webhook", Url: hook.Url))).IsProblem(503);
            (await PutAsync(target, new AlertTargetRequest("renamed", "webhook"), $"\"{target.Version}\"")).IsProblem(503);
            (await Host.SendAsync(HttpMethod.Post, Path(target, "/test"), api.Operator)).IsProblem(503);
            (await Host.SendAsync(HttpMethod.Delete, Path(target), api.Admin)).IsProblem(503);
        }
        finally
        {
            await api.Storage.ExecuteAsync("DROP TRIGGER break_audit ON audit; DROP FUNCTION refuse_entry()", Token);
        }

        var all = Read<AlertTargetDto[]>((await Host.GetAsync("/api/v1/alert-targets", api.Admin)).Is(200));
        Assert.Contains(all, one => one.Id == target.Id && one.Version == target.Version && one.Queued == 0);
        Assert.DoesNotContain(all, one => one.Name == "unrecorded");
        Assert.Equal(0, Read<Page<DeliveryDto>>((await Host.GetAsync($"/api/v1/deliveries?target={target.Id}", api.Viewer)).Is(200)).Total);
        Assert.Empty(hook.Received);
    }

    [Fact]
    public async Task PagerDuty_gets_a_test_and_its_end_under_one_key_over_failures()
    {
        await using var pager = await PagerDutyReceiver.StartAsync(Key, Token);
        pager.Status = number => number switch { 1 => 500, 2 => 429, _ => 202 };
        var target = Read<AlertTargetDto>((await PostAsync(new AlertTargetRequest(NewName(), "pagerduty", Url: pager.Url, Secret: Key))).Is(201));

        var test = await UntilAsync((await TestAsync(target)).Id, "delivered");
        var end = await UntilAsync((await DeliveriesAsync(target)).Single(one => one.Event == "resolve").Id, "delivered");

        Assert.Empty(pager.Violations);
        Assert.Equal(["trigger 500", "trigger 429", "trigger 202", "resolve 202"], pager.Events.Select(one => $"{one.Action} {one.Status}"));
        Assert.Single(pager.Events.Select(one => one.DedupKey).Distinct());
        Assert.Equal(3, test.Delivery.Attempts);
        Assert.DoesNotContain(Key, test.Body + end.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_PagerDuty_refuses_is_not_repeated_and_its_end_is_dropped()
    {
        await using var pager = await PagerDutyReceiver.StartAsync(Key, Token);
        var target = Read<AlertTargetDto>((await PostAsync(new AlertTargetRequest(NewName(), "pagerduty", Url: pager.Url, Secret: Key[..31] + "X"))).Is(201)); // of another service

        await UntilAsync((await TestAsync(target)).Id, "failed");

        Assert.Equal("superseded", (await DeliveriesAsync(target)).Single(one => one.Event == "resolve").State);
        Assert.Equal(400, Assert.Single(pager.Events).Status);
    }

    private static string NewName() => $"target {Interlocked.Increment(ref _names)}";

    private static string Path(AlertTargetDto target, string rest = "") => $"/api/v1/alert-targets/{target.Id}{rest}";

    private static T Read<T>(Reply reply) => JsonSerializer.Deserialize<T>(reply.Body, ControlPlane.Testing.Json.Options)!;

    private Task<Reply> PostAsync(AlertTargetRequest request) => Host.SendAsync(HttpMethod.Post, "/api/v1/alert-targets", api.Admin, request);

    private Task<Reply> PutAsync(AlertTargetDto target, AlertTargetRequest request, string? tag) =>
        Host.SendAsync(HttpMethod.Put, Path(target), api.Admin, request, tag is null ? [] : [("If-Match", tag)]);

    private async Task<AlertTargetDto> AddAsync(string url = "https://hooks.example.com/", string? secret = null) =>
        Read<AlertTargetDto>((await PostAsync(new AlertTargetRequest(NewName(), "webhook", Url: url, Secret: secret))).Is(201));

    private async Task<DeliveryDto> TestAsync(AlertTargetDto target) =>
        Read<DeliveryDto>((await Host.SendAsync(HttpMethod.Post, Path(target, "/test"), api.Operator)).Is(202));

    private async Task<IReadOnlyList<DeliveryDto>> DeliveriesAsync(AlertTargetDto target) =>
        Read<Page<DeliveryDto>>((await Host.GetAsync($"/api/v1/deliveries?target={target.Id}", api.Viewer)).Is(200)).Items;

    private async Task<DeliveryDetailDto> UntilAsync(Guid delivery, string state)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var reply = (await Host.GetAsync($"/api/v1/deliveries/{delivery}", api.Viewer)).Is(200);
            if (Read<DeliveryDetailDto>(reply) is var found && found.Delivery.State == state)
            {
                return found;
            }

            Assert.False(limit.IsCancellationRequested, $"Not {state} in time: {reply.Body}");
            await timer.WaitForNextTickAsync(Token);
        }
    }
}
