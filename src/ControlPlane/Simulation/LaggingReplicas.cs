namespace ControlPlane.Simulation;

/// <summary>A replica that isn't at its leader's log end: on a broker that is away, on a slow disk, or being added.</summary>
internal sealed class LaggingReplica(int partition, int broker, double position, DateTimeOffset caughtUpAt)
{
    public int Partition { get; } = partition;

    public int Broker { get; } = broker;

    /// <summary>Offset up to which it has the data.</summary>
    public double Position { get; set; } = position;

    /// <summary>When it last was at the log end; the ISR rule counts from here.</summary>
    public DateTimeOffset CaughtUpAt { get; set; } = caughtUpAt;

    /// <summary>Log start of the leader when this copy began, so that an added replica isn't credited with data it never had.</summary>
    public double CopiedFrom { get; set; }
}

/// <summary>The few replicas that need steps; all others are at the log end by definition. Kept in the order they fell behind.</summary>
internal sealed class LaggingReplicas
{
    private readonly Dictionary<(int Partition, int Broker), LaggingReplica> _byReplica = [];
    private readonly List<LaggingReplica> _ordered = [];
    private bool _gaps;

    public int Count => _byReplica.Count;

    public LaggingReplica? Find(int partition, int broker) => _byReplica.GetValueOrDefault((partition, broker));

    /// <summary>Adds it unless it lags already.</summary>
    public LaggingReplica Track(int partition, int broker, double position, DateTimeOffset now)
    {
        if (_byReplica.TryGetValue((partition, broker), out var known))
        {
            return known;
        }

        var replica = new LaggingReplica(partition, broker, position, now);
        _byReplica.Add((partition, broker), replica);
        _ordered.Add(replica);
        return replica;
    }

    public void Forget(int partition, int broker) => _gaps |= _byReplica.Remove((partition, broker));

    public IReadOnlyList<LaggingReplica> All()
    {
        if (_gaps)
        {
            _ordered.RemoveAll(replica => Find(replica.Partition, replica.Broker) != replica);
            _gaps = false;
        }

        return _ordered;
    }
}
