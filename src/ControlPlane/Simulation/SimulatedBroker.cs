namespace ControlPlane.Simulation;

/// <summary>What a simulated broker process does.</summary>
internal enum BrokerLife
{
    Running,

    /// <summary>Controlled shutdown: leaders move away, then the process ends.</summary>
    ShuttingDown,

    /// <summary>No process: connections are refused.</summary>
    Stopped,

    /// <summary>The process stands still: the kernel accepts connections, nothing answers.</summary>
    Hanging,

    /// <summary>Listening, but fenced until it has caught up with the metadata.</summary>
    Starting,
}

/// <summary>One broker of the simulated world. Node ids are 1 to N.</summary>
internal sealed class SimulatedBroker(int id, string host, int port, string? rack, double networkBytesPerSecond, SimulatedLogDir[] logDirs)
{
    public int Id { get; } = id;

    public string Host { get; } = host;

    public int Port { get; } = port;

    public string? Rack { get; } = rack;

    public double NetworkBytesPerSecond { get; } = networkBytesPerSecond;

    public SimulatedLogDir[] LogDirs { get; } = logDirs;

    public BrokerLife Life { get; set; }

    /// <summary>The controller's view, which lags behind the process by the session timeout.</summary>
    public bool IsFenced { get; set; }

    /// <summary>Counts changes of life, so that an event scheduled for an earlier life does nothing.</summary>
    public int Incarnation { get; set; }

    /// <summary>Answers requests.</summary>
    public bool IsServing => Life is BrokerLife.Running or BrokerLife.ShuttingDown or BrokerLife.Starting;

    /// <summary>The controller accepts it as leader and in-sync replica (KIP-841).</summary>
    public bool IsEligible => !IsFenced && Life is not BrokerLife.ShuttingDown;

    /// <summary>Fetches from leaders and writes to its disks.</summary>
    public bool IsReplicating => Life is BrokerLife.Running && !IsFenced;
}

/// <summary>One log dir on a disk of its own.</summary>
internal sealed class SimulatedLogDir(string path, double bytesPerSecond)
{
    public string Path { get; } = path;

    public double BytesPerSecond { get; } = bytesPerSecond;

    public long TotalBytes { get; set; }

    /// <summary>What a slow disk still writes; null: it is as fast as it should be.</summary>
    public double? SlowBytesPerSecond { get; set; }

    /// <summary>Failed: Kafka took it offline and answers KAFKA_STORAGE_ERROR for it.</summary>
    public bool IsOffline { get; set; }

    /// <summary>Something that isn't Kafka fills the disk at this rate since <see cref="FillingSince"/>.</summary>
    public double FillBytesPerSecond { get; private set; }

    public DateTimeOffset? FillingSince { get; private set; }

    public double WriteBytesPerSecond => SlowBytesPerSecond ?? BytesPerSecond;

    public void Fill(double bytesPerSecond, DateTimeOffset since) => (FillBytesPerSecond, FillingSince) = (bytesPerSecond, since);

    public void Clean() => (FillBytesPerSecond, FillingSince) = (0, null);

    public long ForeignBytes(DateTimeOffset now) =>
        FillingSince is { } since ? (long)Math.Min(TotalBytes, FillBytesPerSecond * (now - since).TotalSeconds) : 0;
}
