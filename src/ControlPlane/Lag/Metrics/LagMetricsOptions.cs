using Microsoft.Extensions.Options;

namespace ControlPlane.Lag.Metrics;

/// <summary>How fine the lag of groups is exported.</summary>
internal enum LagMetricsLevel
{
    Group,

    /// <summary>Also each topic of a group.</summary>
    Topic,

    /// <summary>Also each partition.</summary>
    Partition,
}

/// <summary>What /metrics says of consumer groups, and under which names.</summary>
internal sealed class LagMetricsOptions
{
    public const string Section = "LagMetrics";

    public LagMetricsLevel Level { get; set; }

    /// <summary>Topics of groups, and partitions of groups, that a cluster exports: those with the most lag.</summary>
    public int MaxSeries { get; set; } = 10_000;

    /// <summary>Burrow's names too.</summary>
    public bool Burrow { get; set; }

    /// <summary>KMinion's names too.</summary>
    public bool KMinion { get; set; }

    /// <summary>Those of kafka_exporter too.</summary>
    public bool KafkaExporter { get; set; }

    /// <summary>Those of kafka-lag-exporter too, with its time lag.</summary>
    public bool LagExporter { get; set; }

    /// <summary>Others' names are by partition.</summary>
    public bool ByPartition => Level == LagMetricsLevel.Partition || Burrow || KMinion || KafkaExporter || LagExporter;

    public bool ByTopic => Level != LagMetricsLevel.Group || KMinion || KafkaExporter || LagExporter;
}

internal sealed class LagMetricsOptionsValidator : IValidateOptions<LagMetricsOptions>
{
    public ValidateOptionsResult Validate(string? name, LagMetricsOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (!Enum.IsDefined(options.Level))
        {
            result.AddError($"'{options.Level}' is no level. Expected: Group, Topic or Partition", "LagMetrics:Level");
        }

        if (options.MaxSeries is < 0 or > 1_000_000)
        {
            result.AddError($"{options.MaxSeries} is out of range. Expected: 0 to 1000000", "LagMetrics:MaxSeries");
        }

        return result.Build();
    }
}
