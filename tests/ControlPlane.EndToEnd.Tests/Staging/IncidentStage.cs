using System.Net.Http.Headers;
using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>
/// Four real brokers in racks of their own with two log dirs each, a controller apart, data, producers with acks=all and consumers, a pager,
/// and the product (one process or two) that watches all this.
/// </summary>
public sealed class IncidentStage(Stage stage) : IAsyncLifetime
{
    public const string Id = "harbour";
    public const string Root = $"/api/v1/clusters/{Id}";
    public const int Brokers = 4;
    private const string PagerKey = "0123456789abcdef0123456789abcdef";
    private static readonly string[] Topics = ["orders", "payments"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private RealKafka? _kafka;
    private AcknowledgedTraffic? _traffic;
    private PagerDutyReceiver? _pager;
    private Dictionary<string, string> _settings = [];
    private string _database = "";
    private string? _missing;
    private string? _firstPassword;
    private string? _token;

    public RealKafka Kafka => _kafka ?? throw Stage.Missing(_missing!);

    public AcknowledgedTraffic Traffic => _traffic ?? throw Stage.Missing(_missing!);

    public PagerDutyReceiver Pager => _pager!;

    /// <summary>The process most stories look at; another may have taken its place since.</summary>
    public ProductProcess Product { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _kafka = await RealKafka.StartAsync(new RealKafkaOptions { Brokers = Brokers, Racks = Brokers, LogDirsPerBroker = 2 });
        }
        catch (KafkaUnavailableException ex)
        {
            _missing = ex.Message;
            return;
        }

        using (var client = new RealKafkaClient(Kafka.BootstrapServers))
        {
            foreach (var topic in Topics)
            {
                await client.CreateTopicAsync(topic, partitions: 12, replicas: 3, ("min.insync.replicas", "2"));
            }

            // Some megabytes in each partition: a move has to take a while to be seen.
            await Task.WhenAll(Enumerable.Range(0, 12).Select(partition => client.ProduceAsync("orders", partition, 500, 10_000)));
        }

        _traffic = AcknowledgedTraffic.Start(Kafka.BootstrapServers, Topics, perSecond: 100);
        _pager = await PagerDutyReceiver.StartAsync(PagerKey, CancellationToken.None);
        _database = await stage.NewDatabaseAsync(CancellationToken.None);
        _settings = new()
        {
            ["Alerts__AllowedAddresses__0"] = "127.0.0.0/8",
            ["Storage__MasterKeyFile"] = ProductProcess.WriteMasterKey(Directory.CreateTempSubdirectory("kcp-incident-").FullName),
        };
        Product = await StartProductAsync(CancellationToken.None);
        _firstPassword = Product.OneTimePassword;
        await PostAsync<ClusterDto>("/api/v1/clusters", new CreateClusterRequest { Id = Id, DisplayName = "Harbour", Connection = new ConnectionRequest { BootstrapServers = Kafka.BootstrapServers } }, CancellationToken.None);
        await PostAsync<AlertTargetDto>("/api/v1/alert-targets", new AlertTargetRequest("On call", "pagerduty", true, Pager.Url, PagerKey, "warning", null), CancellationToken.None);
    }

    /// <summary>A process that everybody talks to with one token: the local one of a process ends when another starts on the same database.</summary>
    public async Task<ProductProcess> StartProductAsync(CancellationToken cancellationToken)
    {
        var product = await ProductProcess.StartAsync(_database, _settings, cancellationToken);
        if (_token is null)
        {
            using var made = await product.Http.PostAsJsonAsync("/api/v1/tokens", new CreateTokenRequest("stories", Role.Admin, null), Json.Options, cancellationToken);
            Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(cancellationToken));
            _token = (await made.Content.ReadFromJsonAsync<NewTokenDto>(Json.Options, cancellationToken))!.Secret;
        }

        product.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return product;
    }

    /// <summary>From now on this process is the one the stories look at.</summary>
    public void Switch(ProductProcess product) => Product = product;

    /// <summary>Everything well and nothing running: as each story begins and ends. Policies of the story before are taken back.</summary>
    public async Task GreenAsync(CancellationToken cancellationToken)
    {
        _ = Kafka; // says what is missing
        await Product.UntilAsync<HealingPolicyDto>($"{Root}/healing", _ => true, Patience, cancellationToken); // it has an owner
        await PolicyAsync("observe", TimeSpan.FromMinutes(30), cancellationToken);
        await Product.UntilAsync<ClusterOverviewDto>(
            $"{Root}/overview",
            overview => overview.Summary is { Status: StatusWord.Ok, UnderReplicated: 0 } && overview.Brokers.Count == Brokers && overview.Brokers.All(broker => broker.State == "Active"),
            Patience,
            cancellationToken);
        await Product.UntilAsync<Page<AnomalyDto>>($"{Root}/anomalies?state=open", page => page.Total == 0, Patience, cancellationToken);
    }

    /// <summary>The broker that hosts most: the one whose death is worth a story.</summary>
    public async Task<RealKafkaNode> VictimAsync(CancellationToken cancellationToken)
    {
        var brokers = await Product.GetAsync<Page<BrokerDto>>($"{Root}/brokers", cancellationToken);
        return Kafka.Broker(brokers.Items.MaxBy(broker => broker.Replicas ?? 0)!.Id);
    }

    /// <summary>kill -9, and the anomaly that tells of it once it is active.</summary>
    public async Task<AnomalyDto> KillAsync(RealKafkaNode victim, CancellationToken cancellationToken)
    {
        await victim.KillAsync(cancellationToken);
        var open = await Product.UntilAsync<Page<AnomalyDto>>($"{Root}/anomalies?state=active&kind=broker-down", page => page.Items.Any(one => one.BrokerId == victim.Id), Patience, cancellationToken);
        return open.Items.Single(one => one.BrokerId == victim.Id);
    }

    public async Task PolicyAsync(string mode, TimeSpan grace, CancellationToken cancellationToken)
    {
        using var read = await Product.Http.GetAsync($"{Root}/healing", cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Root}/healing");
        request.Headers.Add("If-Match", read.Headers.ETag!.ToString());
        request.Content = JsonContent.Create(new HealingPolicyRequest([new HealingRuleRequest("broker-down", mode, (int)grace.TotalSeconds)], null, null, "story"), options: Json.Options);
        using var answer = await Product.Http.SendAsync(request, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>A plan for the lost broker, approved by API; the execution that begins.</summary>
    public async Task<Guid> ApproveAsync(int broker, long? throttle, CancellationToken cancellationToken)
    {
        var plan = await PostAsync<PlanDetailDto>($"{Root}/plans", new CreatePlanRequest("fix-offline", [broker], null, null, throttle), cancellationToken);
        await PostAsync<PlanDto>($"{Root}/plans/{plan.Plan.Id}/approval", new ApprovePlanRequest(plan.Plan.Hash, "story"), cancellationToken);
        return await ExecutionOfAsync(plan.Plan.Id, cancellationToken);
    }

    public async Task<Guid> ExecutionOfAsync(Guid plan, CancellationToken cancellationToken) =>
        (await Product.UntilAsync<PlanDetailDto>($"{Root}/plans/{plan}", one => one.Plan.ExecutionId is not null, Patience, cancellationToken)).Plan.ExecutionId!.Value;

    public Task<ExecutionDetailDto> UntilAsync(Guid execution, Func<ExecutionDetailDto, bool> condition, CancellationToken cancellationToken) =>
        Product.UntilAsync($"{Root}/executions/{execution}", condition, Patience, cancellationToken);

    public Task<ExecutionDetailDto> EndAsync(Guid execution, CancellationToken cancellationToken) => UntilAsync(execution, one => one.Execution.FinishedAt is not null, cancellationToken);

    public Task<AnomalyDetailDto> ResolvedAsync(Guid anomaly, CancellationToken cancellationToken) =>
        Product.UntilAsync<AnomalyDetailDto>($"{Root}/anomalies/{anomaly}", one => one.Anomaly.State == "resolved", Patience, cancellationToken);

    /// <summary>The pager has heard trigger and resolve of this anomaly, each at least once and under one key, in this order.</summary>
    public async Task PagedAsync(Guid anomaly, CancellationToken cancellationToken)
    {
        var sent = await Product.UntilAsync<Page<DeliveryDto>>(
            $"/api/v1/deliveries?cluster={Id}&limit=200",
            page => page.Items.Any(one => one.AnomalyId == anomaly && one is { Event: "resolve", State: "delivered" }),
            Patience,
            cancellationToken);
        var key = Assert.Single(sent.Items.Where(one => one.AnomalyId == anomaly).Select(one => one.DedupKey).Distinct());
        var actions = Pager.Events.Where(one => one.DedupKey == key && one.Status == 202).Select(one => one.Action).ToList();
        Assert.Equal("trigger", actions[0]);
        Assert.Equal("resolve", actions[^1]);
        Assert.Empty(Pager.Violations);
    }

    public async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await Product.Http.PostAsJsonAsync(path, body, Json.Options, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        return (await answer.Content.ReadFromJsonAsync<T>(Json.Options, cancellationToken))!;
    }

    /// <summary>A window in which an admin has logged in; the first one chooses the password. It looks at the named process, or at the one of most stories.</summary>
    public async Task<Visitor> VisitAsync(Stage browsers, ProductProcess? product = null)
    {
        var visitor = await browsers.VisitAsync(product ?? Product);
        if (_firstPassword is { } password)
        {
            await visitor.LogInFirstAsync(password);
            _firstPassword = null;
        }
        else
        {
            await visitor.LogInAsync();
            await visitor.InteractiveAsync();
        }

        return visitor;
    }

    /// <summary>Ends the traffic and reads everything back: what was acknowledged and is not there. New traffic begins for the stories after.</summary>
    public async Task<IReadOnlyList<string>> AuditTrafficAsync(CancellationToken cancellationToken)
    {
        var lost = await Traffic.StopAndFindLostAsync(cancellationToken);
        Assert.True(Traffic.Acknowledged > 0);
        await Traffic.DisposeAsync();
        _traffic = AcknowledgedTraffic.Start(Kafka.BootstrapServers, Topics, perSecond: 100);
        return lost;
    }

    public async ValueTask DisposeAsync()
    {
        if (_traffic is not null)
        {
            await _traffic.DisposeAsync();
        }

        if (Product is not null)
        {
            await Product.DisposeAsync();
        }

        if (_pager is not null)
        {
            await _pager.DisposeAsync();
        }

        if (_kafka is not null)
        {
            await _kafka.DisposeAsync();
        }
    }
}
