using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Contracts;
using ControlPlane.Testing;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>Real brokers and the product that plans for them, asked through page, API or kcp.</summary>
public sealed class OptimizerStage : IAsyncDisposable
{
    public const string Id = "yard";
    public const string Root = $"/api/v1/clusters/{Id}";
    /// <summary>Instead of a text: the box is ticked.</summary>
    public const string Checked = "\u2713";

    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A plan is made, carried out and seen within seconds, so that a story is not mostly waiting.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Sampling__Topology"] = "00:00:03",
        ["Sampling__Reassignments"] = "00:00:03",
        ["Sampling__Offsets"] = "00:00:03",
        ["Sampling__LogDirs"] = "00:00:03",
        ["Execution__Look"] = "00:00:00.3",
        ["Execution__Idle"] = "00:00:01",
    };

    private readonly Stage _stage;
    private ProductProcess? _product;
    private Visitor? _visitor;

    private OptimizerStage(Stage stage, RealKafka kafka) => (_stage, Kafka) = (stage, kafka);

    public RealKafka Kafka { get; }

    public ProductProcess Product => _product!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="stage">Gives database and browser.</param>
    /// <param name="options">The cluster. Leadership comes back by our plans alone, not by Kafka's own timer.</param>
    /// <param name="fill">Makes topics and data, before the product sees the cluster: no burst of records is taken for its usual load.</param>
    public static async Task<OptimizerStage> StartAsync(Stage stage, RealKafkaOptions options, Func<RealKafkaClient, Task> fill)
    {
        OptimizerStage made;
        try
        {
            made = new(stage, await RealKafka.StartAsync(options with { BrokerConfig = new Dictionary<string, string> { ["auto.leader.rebalance.enable"] = "false" } }, Token));
        }
        catch (KafkaUnavailableException ex)
        {
            throw Stage.Missing(ex.Message);
        }

        try
        {
            using var client = new RealKafkaClient(made.Kafka.BootstrapServers);
            await fill(client);
            made._product = await ProductProcess.StartAsync(await stage.NewDatabaseAsync(Token), Settings, Token);
            await made.PostAsync<ClusterDto>("/api/v1/clusters", new CreateClusterRequest { Id = Id, DisplayName = "Yard", Connection = new ConnectionRequest { BootstrapServers = made.Kafka.BootstrapServers } });
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>The window of an admin; all stories look through the same.</summary>
    public async Task<Visitor> VisitorAsync()
    {
        if (_visitor is null)
        {
            _visitor = await _stage.VisitAsync(Product);
            await _visitor.LogInFirstAsync();
        }

        return _visitor;
    }

    /// <summary>Asks the API for a plan. The picture may be a moment too old to plan on.</summary>
    public async Task<PlanDetailDto> PlanAsync(CreatePlanRequest request)
    {
        await SettledAsync();
        var run = await PostAsync<OptimizerRunDto>($"{Root}/optimizer-runs", request);
        run = await Product.UntilAsync<OptimizerRunDto>($"{Root}/optimizer-runs/{run.Id}", one => one.State != "running", Patience, Token);
        Assert.True(run.PlanId is not null, $"{request.Mode}: {run.State} {run.Sentence}");
        return Made(await Product.GetAsync<PlanDetailDto>($"{Root}/plans/{run.PlanId}", Token));
    }

    /// <summary>
    /// Asks for the same plan by kcp, page and API, the way it shall be approved last. On the same loads the three are the same plan; where a load
    /// was measured anew between, they are at least of the same mode and come to the same end.
    /// </summary>
    public async Task<PlanDetailDto> PlanEverywhereAsync(EveryWay wish, Way last)
    {
        var plans = new List<(PlanDetailDto Plan, string Moves, string Loads)>();
        foreach (var way in Enum.GetValues<Way>().OrderBy(way => way == last))
        {
            await SettledAsync();
            var (began, dirs) = (TimeProvider.System.GetTimestamp(), await DirsAsync());
            var plan = way switch
            {
                Way.Kcp => await PlanByKcpAsync(wish.Kcp),
                Way.Page => await PlanByPageAsync(wish.Request.Mode, wish.Fields),
                _ => await PlanAsync(wish.Request with { ThrottleBytesPerSecond = 0 }),
            };
            var moves = await Product.GetAsync<Page<PlannedMoveDto>>($"{Root}/plans/{plan.Plan.Id}/moves?limit=500", Token);
            plans.Add((plan, JsonSerializer.Serialize(moves.Items), JsonSerializer.Serialize(plan.Findings!.Loads.Lanes.Select(lane => lane.Before)) + dirs + await DirsAsync()));
            Beside += way == last ? TimeSpan.Zero : TimeProvider.System.GetElapsedTime(began);
        }

        Assert.All(plans, one => Assert.Equal((wish.Request.Mode, plans[0].Plan.Findings!.Outcome), (one.Plan.Plan.Mode, one.Plan.Findings!.Outcome)));
        var isSame = plans.TrueForAll(one => one.Loads == plans[0].Loads);
        if (isSame)
        {
            Assert.All(plans, one => Assert.Equal(plans[0].Moves, one.Moves));
        }

        (Compared, SameLoads) = (Compared + 1, SameLoads + (isSame ? 1 : 0));
        return plans[^1].Plan;
    }

    /// <summary>What lies in the log dirs, as the product has seen it: a plan says into which a copy goes, and loads of brokers tell nothing of that.</summary>
    private async Task<string> DirsAsync()
    {
        var brokers = await Product.GetAsync<Page<BrokerDto>>($"{Root}/brokers", Token);
        var details = await Task.WhenAll(brokers.Items.Select(one => Product.GetAsync<BrokerDetailDto>($"{Root}/brokers/{one.Id}", Token)));
        return string.Join(' ', details.SelectMany(one => one.LogDirs ?? []).Select(dir => $"{dir.Path}={dir.ReplicaBytes}/{dir.Replicas}"));
    }

    /// <summary>What asking in the two ways more took.</summary>
    public TimeSpan Beside { get; private set; }

    /// <summary>Wishes that were asked by page, API and kcp.</summary>
    public int Compared { get; private set; }

    /// <summary>Those of them that met the same loads all three times, and so had to be answered with the same moves.</summary>
    public int SameLoads { get; private set; }

    /// <summary>Asks for a plan by kcp plan.</summary>
    public async Task<PlanDetailDto> PlanByKcpAsync(params string[] arguments)
    {
        await SettledAsync();
        string[] whole = ["plan", arguments[0], Id, .. arguments[1..], "--throttle", "0"];
        return Made(await Kcp.JsonAsync<PlanDetailDto>(Product, 0, Token, whole));
    }

    /// <summary>Fills the form of the rebalance page as a person would, and follows it to the plan.</summary>
    public async Task<PlanDetailDto> PlanByPageAsync(string mode, params (string Field, string Text)[] fields)
    {
        await SettledAsync();
        var page = (await OpenAsync("rebalance")).Page;
        await page.GetByTestId($"mode-{mode}").ClickAsync();
        foreach (var (field, text) in fields.Append(("throttle", "0")))
        {
            if (field == "lane")
            {
                await page.GetByTestId("field-lane").SelectOptionAsync(text);
            }
            else if (text == Checked)
            {
                await page.GetByTestId($"field-{field}").CheckAsync();
            }
            else
            {
                await page.GetByTestId($"field-{field}").FillAsync(text);
            }
        }

        await PressUntilAsync(page.GetByTestId("propose"), page.GetByTestId("plan-state"), page.GetByTestId("rebalance-problem"));
        await Assertions.Expect(page.GetByTestId("plan-state")).ToHaveTextAsync("proposed");
        return Made(await Product.GetAsync<PlanDetailDto>($"{Root}/plans/{new Uri(page.Url).AbsolutePath.Split('/')[^1]}", Token));
    }

    /// <summary>Presses until what is wanted shows. Where the picture is a moment too old to plan on, it is pressed again.</summary>
    public static async Task PressUntilAsync(ILocator press, ILocator wanted, ILocator problem)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            await press.ClickAsync();
            await Assertions.Expect(wanted.Or(problem).First).ToBeVisibleAsync(new() { Timeout = 120_000 });
            if (await wanted.CountAsync() > 0)
            {
                return;
            }

            var said = await problem.InnerTextAsync();
            Assert.True(Kcp.IsEarly(said) && TimeProvider.System.GetElapsedTime(began) < Patience, said);
        }
    }

    public Task ApproveAsync(PlanDetailDto plan) => PostAsync<PlanDto>($"{Root}/plans/{plan.Plan.Id}/approval", new ApprovePlanRequest(plan.Plan.Hash, "story"));

    public Task ApproveByKcpAsync(PlanDetailDto plan) => Kcp.RunAsync(Product, 0, Token, "plan", "approve", Id, $"{plan.Plan.Id}", "--hash", plan.Plan.Hash, "--reason", "story", "--yes");

    /// <summary>By the buttons of the page that shows the plan now.</summary>
    public async Task ApproveByPageAsync(PlanDetailDto plan)
    {
        var page = (await VisitorAsync()).Page;
        Assert.EndsWith($"/plans/{plan.Plan.Id}", new Uri(page.Url).AbsolutePath, StringComparison.Ordinal);
        await page.GetByTestId("approve").ClickAsync();
        await page.GetByTestId("ask-do").ClickAsync();
        await Assertions.Expect(page.GetByTestId("plan-state")).Not.ToHaveTextAsync("proposed", new() { Timeout = 90_000 });
    }

    /// <summary>Approves a plan and waits for its end. What it said it would change is changed in Kafka exactly so, and nothing else is.</summary>
    public async Task<Replicas> CarryOutAsync(PlanDetailDto plan, Func<PlanDetailDto, Task>? approve = null)
    {
        var before = await Replicas.ReadAsync(Kafka);
        await (approve ?? ApproveAsync)(plan);
        var (path, mode) = ($"{Root}/plans/{plan.Plan.Id}", plan.Plan.Mode);
        var ended = await Product.UntilAsync<PlanDetailDto>(path, one => one.Plan.State is "done" or "failed" or "cancelled", Patience, Token);
        Assert.True(ended.Plan.State == "done", $"{mode}: {ended.Plan.State} {ended.Plan.Problem}");
        var execution = await Product.UntilAsync<ExecutionDetailDto>($"{Root}/executions/{ended.Plan.ExecutionId}", one => one.Execution.FinishedAt is not null, Patience, Token);
        Assert.True(execution.Verification?.Matches, $"{mode}: {string.Join('\n', execution.Verification?.Differences ?? ["not verified"])}");
        Assert.Empty(execution.Execution.Residue);

        var moves = await Product.GetAsync<Page<PlannedMoveDto>>($"{path}/moves?limit=500", Token);
        Assert.Equal(moves.Total, moves.Items.Count);
        var after = await UntilAsync(now => now.DifferenceFrom(before, moves.Items), mode);
        TestContext.Current.TestOutputHelper?.WriteLine($"{mode}: {plan.Plan.Sentence} (searched {plan.Findings?.SearchSeconds:0.000} s, carried out in {(execution.Execution.FinishedAt - execution.Execution.StartedAt)?.TotalSeconds:0.0} s)");
        return after;
    }

    /// <summary>
    /// The product's picture shows what Kafka says, with nothing on its way and every log dir read: what is planned now is planned on that.
    /// </summary>
    public async Task SettledAsync()
    {
        await Product.UntilAsync<ClusterOverviewDto>($"{Root}/overview", one => one.Reassigning == 0, Patience, Token);
        Page<PartitionDto> shown = null!;
        await UntilAsync(real => real.DifferenceFrom(shown.Items), "the picture", async () => shown = await Product.GetAsync<Page<PartitionDto>>($"{Root}/partitions?limit=500", Token));
    }

    public Task<Replicas> UntilAsync(Func<Replicas, string?> differs, string what, Func<Task>? first = null) => Replicas.UntilAsync(Kafka, differs, what, first);

    public async Task<Visitor> OpenAsync(string path)
    {
        var visitor = await VisitorAsync();
        await visitor.GoAsync($"/c/{Id}/{path}");
        return visitor;
    }

    /// <summary>Sends until the picture is fresh enough to plan on; every other refusal fails the story.</summary>
    public async Task<T> PostAsync<T>(string path, object body)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            using var answer = await Product.Http.PostAsJsonAsync(path, body, Json.Options, Token);
            if (answer.IsSuccessStatusCode)
            {
                return (await answer.Content.ReadFromJsonAsync<T>(Json.Options, Token))!;
            }

            var said = await answer.Content.ReadAsStringAsync(Token);
            var isEarly = answer.StatusCode == HttpStatusCode.Conflict && said.Contains("not-ready", StringComparison.Ordinal);
            Assert.True(isEarly && TimeProvider.System.GetElapsedTime(began) < Patience, $"{path}: {(int)answer.StatusCode} {said}");
            await timer.WaitForNextTickAsync(Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_visitor is not null)
        {
            await _visitor.DisposeAsync();
        }

        if (_product is not null)
        {
            await _product.DisposeAsync();
        }

        await Kafka.DisposeAsync();
    }

    private static PlanDetailDto Made(PlanDetailDto plan)
    {
        Assert.True(plan.Plan.IsSound, $"{plan.Plan.Mode}: {string.Join('\n', plan.Problems)}");
        Assert.True(plan.Plan is { State: "proposed", Moves: > 0 }, $"{plan.Plan.Mode}: {plan.Plan.State} {plan.Plan.Sentence}");
        return plan;
    }
}
