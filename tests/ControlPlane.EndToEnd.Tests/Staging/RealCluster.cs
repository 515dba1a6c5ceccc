using ControlPlane.Testing;
using ControlPlane.Ui.Tests.Browser;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>Three real brokers with a controller of their own, the product, and a person who has logged in and added the cluster.</summary>
public sealed class RealCluster(Stage stage) : IAsyncLifetime
{
    public const string Id = "harbour";
    public const string Topic = "orders";
    public const string Group = "billing";
    public const int Written = 600;
    public const int Read = 250;

    /// <summary>A controlled shutdown is told from a crash by what the metadata said shortly before: looked at often, none is missed on a busy machine.</summary>
    private static readonly Dictionary<string, string> Settings = new() { ["Sampling__Topology"] = "00:00:02", ["Sampling__Groups"] = "00:00:05" };

    private RealKafka? _kafka;
    private ProductProcess? _product;
    private Visitor? _visitor;
    private string? _missing;

    public RealKafka Kafka => _kafka ?? throw Stage.Missing(_missing!);

    public ProductProcess Product => _product ?? throw Stage.Missing(_missing!);

    /// <summary>What the wizard said to an address where nobody listens.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>What it said to the right one.</summary>
    public string Acceptance { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        try
        {
            _kafka = await RealKafka.StartAsync(new RealKafkaOptions { Brokers = 3, LogDirsPerBroker = 2 });
        }
        catch (KafkaUnavailableException ex)
        {
            _missing = ex.Message;
            return;
        }

        using var client = new RealKafkaClient(new Dictionary<string, string> { ["bootstrap.servers"] = Kafka.BootstrapServers });
        await client.CreateTopicAsync(Topic, partitions: 6, replicas: 3, ("retention.ms", "7200000"));
        await client.ProduceAsync(Topic, partition: 0, Written);
        client.Commit(Group, (Topic, 0, Read));
    }

    /// <summary>The person, once the cluster is added; all tests look through the same window.</summary>
    public async Task<Visitor> VisitorAsync(CancellationToken cancellationToken)
    {
        if (_visitor is not null)
        {
            return _visitor;
        }

        var bootstrap = Kafka.BootstrapServers;
        _product ??= await ProductProcess.StartAsync(await stage.NewDatabaseAsync(cancellationToken), Settings, cancellationToken);
        var visitor = await stage.VisitAsync(_product);
        await visitor.LogInFirstAsync();
        await AddAsync(visitor.Page, bootstrap);
        return _visitor = visitor;
    }

    /// <summary>The overview with all three brokers up, as each test begins.</summary>
    public async Task<Visitor> OverviewAsync(CancellationToken cancellationToken)
    {
        var visitor = await VisitorAsync(cancellationToken);
        await visitor.GoAsync($"/c/{Id}");
        foreach (var broker in Kafka.Brokers)
        {
            await visitor.UntilChipAsync(broker.Id, "OK", TimeSpan.FromSeconds(60));
        }

        return visitor;
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

        if (_kafka is not null)
        {
            await _kafka.DisposeAsync();
        }
    }

    private async Task AddAsync(IPage page, string bootstrap)
    {
        await page.GetByTestId("add-cluster").Or(page.GetByText("Add the first cluster")).First.ClickAsync();
        await page.GetByTestId("cluster-id").FillAsync(Id);
        using (LoopbackPorts.Refusing(out var nobody))
        {
            await page.GetByTestId("bootstrap").FillAsync($"127.0.0.1:{nobody}");
            await page.GetByTestId("test-connection").ClickAsync();
            await page.Locator("[data-testid=test-result].crit").WaitForAsync();
            Refusal = await page.GetByTestId("test-result").InnerTextAsync();
        }

        await page.GetByTestId("bootstrap").FillAsync(bootstrap);
        await page.GetByTestId("test-connection").ClickAsync();
        await page.Locator("[data-testid=test-result].ok").WaitForAsync();
        Acceptance = await page.GetByTestId("test-result").InnerTextAsync();
        await page.GetByTestId("save-cluster").ClickAsync();
        await page.ReachEndAsync($"/c/{Id}");
    }
}
