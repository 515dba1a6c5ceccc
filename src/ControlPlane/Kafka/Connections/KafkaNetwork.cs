using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>
/// All connections to one cluster. Finds brokers through the bootstrap servers, then uses the addresses they advertise;
/// keeps connections, leaves failing brokers alone for a while, and starts over from the bootstrap servers when no known
/// broker can be reached. Safe for concurrent use.
/// </summary>
public sealed class KafkaNetwork : IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConnectionContext _context;
    private readonly Random _random;
    private readonly Lock _gate = new();
    private readonly IReadOnlyList<NodeLink> _bootstrap;
    private readonly Dictionary<int, NodeLink> _links = [];
    private readonly ITimer _sweep;
    private volatile KafkaTopology _topology = KafkaTopology.Unknown;
    private bool _disposed;

    /// <summary>Opens nothing yet. Throws <see cref="ArgumentException"/> naming every mistake in the settings.</summary>
    public KafkaNetwork(KafkaConnectionSettings settings, KafkaNetworkOptions? options = null)
    {
        var errors = settings.Validate();
        if (errors.Count > 0)
        {
            throw new ArgumentException($"The connection settings can't work: {string.Join("; ", errors)}.", nameof(settings));
        }

        options ??= new KafkaNetworkOptions();
        _context = new ConnectionContext(settings, options.HttpClient, options.Time);
        _random = options.Seed is { } seed ? new Random(seed) : new Random();
        _bootstrap = [.. settings.BootstrapServers.Select(server =>
            NewLink(new KafkaNode(null, KafkaEndpoint.TryParse(server, out var endpoint, out var why) ? endpoint : throw new ArgumentException(why, nameof(settings)))))];
        _sweep = options.Time.CreateTimer(_ => _ = SweepAsync(), null, SweepInterval, SweepInterval);
    }

    /// <summary>
    /// Evidence about brokers as it comes: connections lost (at once, also idle ones), refused, timed out. Called on the
    /// thread that found out; handlers post it onwards and don't block.
    /// </summary>
    public event Action<BrokerConnectionEvent>? ConnectionChanged;

    public KafkaConnectionSettings Settings => _context.Settings;

    public TimeProvider Time => _context.Time;

    public NetworkCounters Counters => _context.Counters;

    public KafkaTopology Topology => _topology;

    /// <summary>To one broker, also one that has left the metadata since: at the address it was last known by.</summary>
    public Task<TResponse> SendToBrokerAsync<TResponse>(
        int brokerId, IKafkaRequest<TResponse> request, RequestLane lane, CancellationToken cancellationToken) =>
        SendAsync(Link(brokerId, request.Api.Key), request, lane, cancellationToken);

    /// <summary>To some broker that answers; bootstrap servers where no broker is known or none can be reached.</summary>
    public async Task<TResponse> SendToAnyAsync<TResponse>(IKafkaRequest<TResponse> request, RequestLane lane, CancellationToken cancellationToken)
    {
        var failures = new List<KafkaConnectionException>();
        foreach (var link in Candidates(lane))
        {
            try
            {
                return await SendAsync(link, request, lane, cancellationToken);
            }
            catch (KafkaConnectionException ex) when (!ex.OutcomeUnknown && AnotherMayDo(ex.Kind))
            {
                failures.Add(ex);
            }
        }

        throw Summary(failures);
    }

    /// <summary>To the node that metadata names for controller requests: in KRaft some broker, which forwards; with ZooKeeper the controller itself.</summary>
    public Task<TResponse> SendToControllerAsync<TResponse>(IKafkaRequest<TResponse> request, RequestLane lane, CancellationToken cancellationToken) =>
        _topology.ControllerId is { } id
            ? SendToBrokerAsync(id, request, lane, cancellationToken)
            : throw new KafkaException(
                ErrorCode.NotController, _bootstrap[0].Node, request.Api.Key, "No controller is known: the cluster is just electing one, or has not told. Try again in a moment.");

    /// <summary>Connects to a broker, or finds it connected, and returns what it serves. Null asks any.</summary>
    public async Task<(KafkaNode Node, ApiVersionTable Versions)> FetchVersionsAsync(int? brokerId, CancellationToken cancellationToken)
    {
        var failures = new List<KafkaConnectionException>();
        foreach (var link in brokerId is { } id ? [Link(id, ApiKey.ApiVersions)] : Candidates(RequestLane.Look))
        {
            try
            {
                var connection = await link.ConnectAsync(RequestLane.Look, cancellationToken);
                return (link.Node, connection.Versions);
            }
            catch (KafkaConnectionException ex) when (AnotherMayDo(ex.Kind))
            {
                failures.Add(ex);
            }
        }

        throw Summary(failures);
    }

    /// <summary>Takes over what metadata says. A broker that is not in it keeps its link: it may be fenced and still answer.</summary>
    public void Learn(string? clusterId, int? controllerId, IReadOnlyCollection<KafkaNode> brokers)
    {
        var replaced = new List<NodeLink>();
        var known = new Dictionary<int, KafkaNode>();
        lock (_gate)
        {
            foreach (var broker in brokers)
            {
                var id = broker.Id ?? throw new ArgumentException("A broker in metadata has an id", nameof(brokers));
                known[id] = broker;
                if (_links.TryGetValue(id, out var link) && link.Node.Endpoint != broker.Endpoint)
                {
                    replaced.Add(link);
                    _links.Remove(id);
                }

                if (!_links.ContainsKey(id))
                {
                    _links[id] = NewLink(broker);
                }
            }

            _topology = new KafkaTopology(clusterId, controllerId, known);
        }

        foreach (var link in replaced)
        {
            _ = link.DisposeAsync().AsTask(); // moved to another address
        }
    }

    /// <summary>Forgets the brokers: the next request begins at the bootstrap servers (KIP-1102, or nobody answers).</summary>
    public void Rebootstrap() => _topology = KafkaTopology.Unknown;

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _sweep.DisposeAsync();
        foreach (var link in AllLinks())
        {
            await link.DisposeAsync();
        }

        _context.Dispose();
    }

    private static bool AnotherMayDo(KafkaConnectionFailure kind) => kind is
        KafkaConnectionFailure.DnsFailed
        or KafkaConnectionFailure.Refused
        or KafkaConnectionFailure.Unreachable
        or KafkaConnectionFailure.TimedOut
        or KafkaConnectionFailure.ClosedByBroker;

    /// <summary>The first failure stands for all: the others are mostly the same.</summary>
    private static KafkaConnectionException Summary(List<KafkaConnectionException> failures) => failures switch
    {
        [] => throw new InvalidOperationException("No bootstrap server in the settings"),
        [var only] => only,
        [var first, ..] => new KafkaConnectionException(
            first.Kind, first.Node,
            $"None of {failures.Count} addresses answered. {first.Message} The others: {string.Join("; ", failures.Skip(1).Select(one => $"{one.Node} {one.Kind}").Distinct())}.", first)
        {
            RetryAfter = failures.Min(one => one.RetryAfter),
        },
    };

    private async Task<TResponse> SendAsync<TResponse>(
        NodeLink link, IKafkaRequest<TResponse> request, RequestLane lane, CancellationToken cancellationToken)
    {
        try
        {
            return await link.SendAsync(lane, connection => connection.SendAsync(request, Settings.RequestTimeout, cancellationToken), cancellationToken);
        }
        catch (KafkaConnectionException ex) when (ClosedWithoutLogin(ex))
        {
            if (await SaslProbe.MechanismsAsync(link.Node, _context, cancellationToken) is { } mechanisms)
            {
                throw ConnectionErrors.SaslRequired(link.Node, mechanisms, ex);
            }

            throw;
        }
    }

    /// <summary>A listener with SASL lets a client ask for versions and closes on any other request before the login.</summary>
    private bool ClosedWithoutLogin(KafkaConnectionException ex) =>
        ex is { Kind: KafkaConnectionFailure.ClosedByBroker, OutcomeUnknown: true }
        && !Settings.SecurityProtocol.UsesSasl()
        && ReferenceEquals(_topology, KafkaTopology.Unknown);

    private NodeLink Link(int brokerId, ApiKey api)
    {
        lock (_gate)
        {
            return _links.TryGetValue(brokerId, out var link)
                ? link
                : throw new KafkaException(
                    ErrorCode.BrokerNotAvailable, _bootstrap[0].Node, api,
                    $"Broker {brokerId} has no known address: it is not among the {_links.Count} brokers seen in metadata. It may be down, fenced or removed.");
        }
    }

    /// <summary>Connected ones first, then the rest in random order, those on pause last; bootstrap servers behind them all.</summary>
    private List<NodeLink> Candidates(RequestLane lane)
    {
        lock (_gate)
        {
            var known = _topology.Brokers.Keys.Where(_links.ContainsKey).Select(id => _links[id]);
            return
            [
                .. Ordered(known),
                .. Ordered(_bootstrap),
            ];
        }

        IEnumerable<NodeLink> Ordered(IEnumerable<NodeLink> links) => links
            .OrderBy(link => link.HasOpen(lane) ? 0 : link.PauseLeft is null ? 1 : 2)
            .ThenBy(_ => _random.Next());
    }

    private NodeLink NewLink(KafkaNode node) => new(node, _context, NextRandom, change => ConnectionChanged?.Invoke(WithId(change)));

    /// <summary>What happens on the way to a bootstrap address is evidence about the broker that advertises the same one.</summary>
    private BrokerConnectionEvent WithId(BrokerConnectionEvent change)
    {
        if (change.Node.Id is null)
        {
            var advertised = _topology.Brokers.Values.FirstOrDefault(broker => broker.Endpoint == change.Node.Endpoint);
            return advertised.Id is null ? change : change with { Node = advertised };
        }

        return change;
    }

    private double NextRandom()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }

    private List<NodeLink> AllLinks()
    {
        lock (_gate)
        {
            return [.. _bootstrap, .. _links.Values];
        }
    }

    private async Task SweepAsync()
    {
        foreach (var link in AllLinks())
        {
            if (!_disposed)
            {
                await link.CloseUnusedAsync();
            }
        }
    }
}
