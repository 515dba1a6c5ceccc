using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Contracts;
using ControlPlane.Testing;

namespace ControlPlane.Benchmarks;

/// <summary>
/// One incident after the other on four real brokers: kill -9, page, plan, approve, move, verify, return. All over the API of the product
/// as its own process, with producers (acks=all) and consumers running from the first to the last moment.
/// </summary>
internal sealed class IncidentFigures : IAsyncDisposable
{
    private const string Cluster = "bench";
    private const string Root = $"/api/v1/clusters/{Cluster}";

    /// <summary>The lowest throttle that a plan takes.</summary>
    private const long SlowBytesPerSecond = 1_000_000;

    /// <summary>Of 10 kB, added to each partition before the restarts: half a gigabyte, which lasts minutes at that throttle.</summary>
    private const int SlowRecords = 4_000;

    /// <summary>Producers whose p99 of a second is below this are no longer busy with what waited.</summary>
    private const double CalmMilliseconds = 250;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly RealKafka _kafka;
    private readonly PostgresServer _database;
    private readonly string _connection;
    private readonly Dictionary<string, string> _settings;
    private readonly PageReceiver _pager;
    private readonly Dictionary<string, List<double>> _seconds = [];
    private readonly Dictionary<string, List<double>> _milliseconds = [];
    private ProductProcess _product;

    private IncidentFigures(RealKafka kafka, PostgresServer database, string connection, Dictionary<string, string> settings, PageReceiver pager, ProductProcess product)
    {
        (_kafka, _database, _connection, _settings, _pager, _product) = (kafka, database, connection, settings, pager, product);
    }

    public static async Task<IReadOnlyList<Figure>> RunAsync(int incidents, int restarts, CancellationToken cancellationToken)
    {
        await using var bench = await StartAsync(cancellationToken);
        return await bench.MeasureAsync(incidents, restarts, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _product.DisposeAsync();
        await _pager.DisposeAsync();
        await _kafka.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static async Task<IncidentFigures> StartAsync(CancellationToken cancellationToken)
    {
        var kafka = await RealKafka.StartAsync(new RealKafkaOptions { Brokers = 4, Racks = 4, LogDirsPerBroker = 2 }, cancellationToken);
        using (var client = new RealKafkaClient(kafka.BootstrapServers))
        {
            await client.CreateTopicAsync("orders", partitions: 12, replicas: 3, ("min.insync.replicas", "2"));
            await client.CreateTopicAsync("payments", partitions: 12, replicas: 3, ("min.insync.replicas", "2"));
            await Task.WhenAll(Enumerable.Range(0, 12).Select(partition => client.ProduceAsync("orders", partition, 800, 10_000)));
        }

        var database = await PostgresServer.StartNewAsync(cancellationToken);
        var connection = await database.CreateDatabaseAsync("kcp", template: null, cancellationToken);
        var folder = Directory.CreateTempSubdirectory("kcp-bench-").FullName;
        var register = Path.Combine(folder, "register.json");
        await File.WriteAllTextAsync(register, JsonSerializer.Serialize(new[] { new { id = Cluster, connection = new { bootstrapServers = kafka.BootstrapServers } } }), cancellationToken);
        var settings = new Dictionary<string, string>
        {
            ["Hosting__RegisterFile"] = register,
            ["Alerts__AllowedAddresses__0"] = "127.0.0.0/8",
            ["Storage__MasterKeyFile"] = ProductProcess.WriteMasterKey(folder),
        };
        var pager = PageReceiver.Start();
        var product = await ProductProcess.StartAsync(connection, settings, cancellationToken);
        var target = new AlertTargetRequest("on call", "pagerduty", true, pager.Address.ToString(), new string('a', 32), "warning", null);
        await PostAsync<AlertTargetDto>(product, "/api/v1/alert-targets", target, cancellationToken);
        return new IncidentFigures(kafka, database, connection, settings, pager, product);
    }

    private async Task<IReadOnlyList<Figure>> MeasureAsync(int incidents, int restarts, CancellationToken cancellationToken)
    {
        await using var traffic = AcknowledgedTraffic.Start(_kafka.BootstrapServers, ["orders", "payments"], perSecond: 400);
        await GreenAsync(cancellationToken);
        for (var incident = 0; incident < incidents; incident++)
        {
            await OneAsync(incident, traffic, cancellationToken);
        }

        Report.Print("incident, so far", Rows()); // the restarts after this take minutes
        if (restarts > 0)
        {
            await RestartsAsync(incidents, restarts, cancellationToken);
        }

        var acknowledged = traffic.Acknowledged;
        var lost = await traffic.StopAndFindLostAsync(cancellationToken);
        foreach (var record in lost.Take(20))
        {
            Console.WriteLine($"  LOST {record}");
        }

        return
        [
            .. Rows(),
            new("records acknowledged to the producer (acks=all)", acknowledged.ToString("N0", CultureInfo.InvariantCulture)),
            new("of these lost", lost.Count.ToString(CultureInfo.InvariantCulture), "0"),
            new("refused to the producer", traffic.Refusals.Count.ToString("N0", CultureInfo.InvariantCulture)),
        ];
    }

    private List<Figure> Rows() =>
    [
        .. _seconds.Select(kind => new Figure($"{kind.Key}: median / worst of {kind.Value.Count}", $"{Middle(kind.Value):0.00} s / {kind.Value.Max():0.00} s")),
        .. _milliseconds.Select(kind => new Figure($"{kind.Key}: median / worst of {kind.Value.Count}", $"{Middle(kind.Value):0.0} ms / {kind.Value.Max():0.0} ms")),
    ];

    private async Task OneAsync(int incident, AcknowledgedTraffic traffic, CancellationToken cancellationToken)
    {
        var victim = _kafka.Brokers[incident % _kafka.Brokers.Count];
        traffic.TakeP99();
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken); // the length of the window that is measured
        Note(_milliseconds, "producers' p99 before", traffic.TakeP99() ?? double.NaN);

        var watch = Stopwatch.StartNew();
        var paged = _pager.NextAsync("trigger", cancellationToken);
        await victim.KillAsync(cancellationToken);
        await _product.UntilAsync<ClusterOverviewDto>($"{Root}/overview", overview => overview.Brokers.Any(broker => broker.Id == victim.Id && broker.State == "Down"), Patience, cancellationToken);
        Note(_seconds, "kill -9 to shown", watch.Elapsed.TotalSeconds);
        await paged.WaitAsync(Patience, cancellationToken);
        Note(_seconds, "kill -9 to PagerDuty request", watch.Elapsed.TotalSeconds);
        await SettledAsync(traffic, watch, cancellationToken);

        var execution = await ApproveAsync(victim.Id, throttle: null, traffic, cancellationToken);
        await FinishedAsync(execution, "done", cancellationToken);
        Note(_milliseconds, "producers' p99 during the move", traffic.TakeP99() ?? double.NaN);

        var resolved = _pager.NextAsync("resolve", cancellationToken);
        await victim.RestartAsync(cancellationToken);
        await resolved.WaitAsync(Patience, cancellationToken);
        await GreenAsync(cancellationToken);
        Console.WriteLine($"  incident {incident + 1} of broker {victim.Id}: {string.Join(", ", _seconds.Select(kind => $"{kind.Key} {kind.Value[^1]:0.00} s"))}");
    }

    /// <summary>
    /// What waited for the fence is acknowledged and the producers write as before: the window of the move begins clean. Where they don't
    /// come to rest within the patience, it begins all the same, and the figure tells.
    /// </summary>
    private async Task SettledAsync(AcknowledgedTraffic traffic, Stopwatch watch, CancellationToken cancellationToken)
    {
        var limit = Stopwatch.StartNew();
        traffic.TakeP99();
        for (var calm = 0; calm < 3 && limit.Elapsed < Patience;)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // the length of the window that is measured
            calm = traffic.TakeP99() is < CalmMilliseconds ? calm + 1 : 0;
        }

        Note(_seconds, "kill -9 to producers at rest again, three seconds of which are proof", watch.Elapsed.TotalSeconds);
    }

    private async Task<Guid> ApproveAsync(int broker, long? throttle, AcknowledgedTraffic? traffic, CancellationToken cancellationToken)
    {
        var plan = await PostAsync<PlanDetailDto>(_product, $"{Root}/plans", new CreatePlanRequest("fix-offline", [broker], null, null, throttle), cancellationToken);
        traffic?.TakeP99();
        var watch = Stopwatch.StartNew();
        await PostAsync<PlanDto>(_product, $"{Root}/plans/{plan.Plan.Id}/approval", new ApprovePlanRequest(plan.Plan.Hash, "benchmark"), cancellationToken);
        var started = await _product.UntilAsync<PlanDetailDto>($"{Root}/plans/{plan.Plan.Id}", one => one.Plan.ExecutionId is not null, Patience, cancellationToken);
        var execution = started.Plan.ExecutionId!.Value;
        await _product.UntilAsync<ExecutionDetailDto>($"{Root}/executions/{execution}", one => one.Execution.BytesDone > 0 || one.Execution.FinishedAt is not null, Patience, cancellationToken);
        if (throttle is null)
        {
            Note(_seconds, "approve to first byte moved", watch.Elapsed.TotalSeconds);
            await FinishedAsync(execution, "done", cancellationToken);
            Note(_seconds, "approve to verified done", watch.Elapsed.TotalSeconds);
        }

        return execution;
    }

    /// <summary>Slow executions, and our own process killed in them again and again.</summary>
    private async Task RestartsAsync(int incidents, int restarts, CancellationToken cancellationToken)
    {
        using (var client = new RealKafkaClient(_kafka.BootstrapServers))
        {
            await Task.WhenAll(Enumerable.Range(0, 12).Select(partition => client.ProduceAsync("orders", partition, SlowRecords, 10_000)));
        }

        for (var (victims, done) = (incidents, 0); done < restarts; victims++)
        {
            var victim = _kafka.Brokers[victims % _kafka.Brokers.Count];
            var paged = _pager.NextAsync("trigger", cancellationToken); // fenced by then, so the cluster can be planned for
            await victim.KillAsync(cancellationToken);
            await paged.WaitAsync(Patience, cancellationToken);
            var execution = await ApproveAsync(victim.Id, SlowBytesPerSecond, null, cancellationToken);
            while (done < restarts && await RestartAsync(execution, cancellationToken))
            {
                done++;
            }

            await FinishAsync(execution, cancellationToken);
            await victim.RestartAsync(cancellationToken);
            await GreenAsync(cancellationToken);
        }
    }

    /// <summary>False where the execution has ended already.</summary>
    private async Task<bool> RestartAsync(Guid execution, CancellationToken cancellationToken)
    {
        var before = await _product.GetAsync<ExecutionDetailDto>($"{Root}/executions/{execution}", cancellationToken);
        if (before.Execution.FinishedAt is not null)
        {
            return false;
        }

        var watch = Stopwatch.StartNew();
        _product.Kill();
        await _product.DisposeAsync();
        _product = await ProductProcess.StartAsync(_connection, _settings, cancellationToken);
        Note(_seconds, "kill -9 and restart of our process to ready", watch.Elapsed.TotalSeconds);
        var known = before.Journal.Max(entry => entry.Sequence);
        await _product.UntilAsync<ExecutionDetailDto>(
            $"{Root}/executions/{execution}", one => one.Journal.Any(entry => entry.Sequence > known && entry.Kind == "taken-over"), Patience, cancellationToken);
        var elapsed = watch.Elapsed.TotalSeconds;
        Note(_seconds, "kill -9 and restart of our process to execution resumed", elapsed);
        Console.WriteLine($"  restart: {elapsed:0.00} s, {before.Execution.BytesDone:N0} bytes of {before.Execution.BytesTotal:N0} moved before");
        return true;
    }

    private async Task FinishAsync(Guid execution, CancellationToken cancellationToken)
    {
        var last = await _product.GetAsync<ExecutionDetailDto>($"{Root}/executions/{execution}", cancellationToken);
        if (last.Execution.FinishedAt is null)
        {
            await PutAsync(_product, $"{Root}/executions/{execution}/limits", new ExecutionLimitsRequest(null, 0, "benchmark"), cancellationToken);
        }

        await FinishedAsync(execution, "done", cancellationToken);
    }

    private Task<ClusterOverviewDto> GreenAsync(CancellationToken cancellationToken) => _product.UntilAsync<ClusterOverviewDto>(
        $"{Root}/overview",
        overview => overview.Summary is { Status: StatusWord.Ok, UnderReplicated: 0 } && overview.Brokers.Count == 4 && overview.Brokers.All(broker => broker.State == "Active"),
        Patience,
        cancellationToken);

    private Task<ExecutionDetailDto> FinishedAsync(Guid execution, string state, CancellationToken cancellationToken) => _product.UntilAsync<ExecutionDetailDto>(
        $"{Root}/executions/{execution}",
        one => one.Execution.FinishedAt is null ? false : one.Execution.State == state ? true : throw new InvalidOperationException($"ended as {one.Execution.State}: {one.Execution.Sentence}"),
        Patience,
        cancellationToken);

    private static async Task<T> PostAsync<T>(ProductProcess product, string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await product.Http.PostAsJsonAsync(path, body, Json.Options, cancellationToken);
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<T>(Json.Options, cancellationToken))!
            : throw new InvalidOperationException($"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
    }

    private static async Task PutAsync(ProductProcess product, string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await product.Http.PutAsJsonAsync(path, body, Json.Options, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    private static void Note(Dictionary<string, List<double>> figures, string what, double value)
    {
        if (!figures.TryGetValue(what, out var values))
        {
            figures[what] = values = [];
        }

        values.Add(value);
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

/// <summary>Stands in for PagerDuty: takes every event with 202 and tells who waits for one.</summary>
internal sealed class PageReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly Task _serving;
    private readonly Lock _lock = new();
    private readonly List<(string Event, TaskCompletionSource Arrived)> _waiting = [];

    private PageReceiver(HttpListener listener, Uri address)
    {
        (_listener, Address) = (listener, address);
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public static PageReceiver Start()
    {
        var port = LoopbackPorts.Free(1)[0];
        var address = new Uri($"http://127.0.0.1:{port}/");
        var listener = new HttpListener { Prefixes = { address.ToString() } };
        listener.Start();
        return new PageReceiver(listener, address);
    }

    /// <summary>Completes with the next event of that kind from now on.</summary>
    public Task NextAsync(string kind, CancellationToken cancellationToken)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((kind, arrived));
        }

        return arrived.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = await JsonDocument.ParseAsync(context.Request.InputStream);
                Arrived(body.RootElement.GetProperty("event_action").GetString()!);
                context.Response.StatusCode = 202;
                await context.Response.OutputStream.WriteAsync("""{"status":"success","message":"Event processed","dedup_key":"x"}"""u8.ToArray());
                context.Response.Close();
            }
            catch (Exception ex) when (ex is HttpListenerException or ObjectDisposedException)
            {
                return; // closed
            }
        }
    }

    private void Arrived(string kind)
    {
        lock (_lock)
        {
            foreach (var (wanted, arrived) in _waiting.Where(one => one.Event == kind).ToArray())
            {
                arrived.TrySetResult();
                _waiting.Remove((wanted, arrived));
            }
        }
    }
}
