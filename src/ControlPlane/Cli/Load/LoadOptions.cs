namespace ControlPlane.Cli.Load;

/// <summary>What a trial load is made of.</summary>
internal sealed record LoadOptions
{
    public required string BootstrapServers { get; init; }

    public required string TopicPrefix { get; init; }

    public required int Topics { get; init; }

    public required int Partitions { get; init; }

    public required int ReplicationFactor { get; init; }

    /// <summary>Messages a second over all topics.</summary>
    public required int Rate { get; init; }

    /// <summary>Bytes of each message.</summary>
    public required int Size { get; init; }

    public required int Groups { get; init; }

    /// <summary>Null: until stopped.</summary>
    public required TimeSpan? Duration { get; init; }

    /// <summary>How long a missing cluster is waited for at the beginning.</summary>
    public required TimeSpan AdminTimeout { get; init; }

    public required TimeSpan ReportEvery { get; init; }

    public IEnumerable<string> TopicNames => Enumerable.Range(1, Topics).Select(number => $"{TopicPrefix}-{number}");
}
