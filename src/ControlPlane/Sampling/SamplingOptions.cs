using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;

namespace ControlPlane.Sampling;

/// <summary>How often a cluster is asked for what, and how long one question may take. Cheap things often, dear things seldom.</summary>
internal sealed class SamplingOptions
{
    public const string Section = "Sampling";

    public TimeSpan Liveness { get; set; } = TimeSpan.FromSeconds(2);

    public TimeSpan Topology { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan Quorum { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan Reassignments { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan Offsets { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where a group reads and nothing comes: a stopped consumer is seen so much later when something comes at last.</summary>
    public TimeSpan OffsetsIdle { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Where no group reads: only rates need ends there.</summary>
    public TimeSpan OffsetsUnread { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan LogDirs { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan Groups { get; set; } = TimeSpan.FromSeconds(15);

    public TimeSpan TopicConfigs { get; set; } = TimeSpan.FromMinutes(5);

    public TimeSpan BrokerConfigs { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Release and missing permissions, which may be granted at any time.</summary>
    public TimeSpan Identity { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a broker has to answer a probe; must be well below the liveness interval of a person's patience.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>Limit of one round of any other kind.</summary>
    public TimeSpan RoundTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Largest share of the time that rounds of one kind may run: where a round is slow, the next one comes later.</summary>
    public double MaxShare { get; set; } = 0.2;

    /// <summary>Random share of an interval by which rounds come earlier or later, so that many clusters do not march in step.</summary>
    public double Jitter { get; set; } = 0.1;

    /// <summary>Topics whose configs are asked for in one round.</summary>
    public int TopicsPerConfigRound { get; set; } = 2_000;

    /// <summary>Brokers whose log dirs are asked for in one round.</summary>
    public int BrokersPerLogDirRound { get; set; } = 200;

    /// <summary>How often history is written.</summary>
    public TimeSpan History { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Topics with the most bytes in, and groups with the most lag, whose history is kept.</summary>
    public int HistoryTopics { get; set; } = 100;

    public int HistoryGroups { get; set; } = 100;

    public TimeSpan IntervalOf(SampleKind kind) => kind switch
    {
        SampleKind.Liveness => Liveness,
        SampleKind.Topology => Topology,
        SampleKind.Quorum => Quorum,
        SampleKind.Reassignments => Reassignments,
        SampleKind.Offsets => Offsets,
        SampleKind.LogDirs => LogDirs,
        SampleKind.Groups => Groups,
        SampleKind.TopicConfigs => TopicConfigs,
        SampleKind.BrokerConfigs => BrokerConfigs,
        SampleKind.Identity => Identity,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of sample"),
    };
}

internal sealed class SamplingOptionsValidator : IValidateOptions<SamplingOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    public ValidateOptionsResult Validate(string? name, SamplingOptions options)
    {
        var result = new ValidateOptionsResultBuilder(); // collects: an operator fixes all mistakes in one go
        foreach (var kind in Enum.GetValues<SampleKind>())
        {
            CheckTime(options.IntervalOf(kind), Shortest, TimeSpan.FromHours(1), kind.ToString());
        }

        CheckTime(options.OffsetsIdle, Shortest, TimeSpan.FromMinutes(1), nameof(options.OffsetsIdle)); // verdicts wait for it
        CheckTime(options.OffsetsUnread, Shortest, TimeSpan.FromHours(1), nameof(options.OffsetsUnread));
        CheckTime(options.ProbeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), nameof(options.ProbeTimeout));
        CheckTime(options.RoundTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), nameof(options.RoundTimeout));
        CheckTime(options.History, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), nameof(options.History));
        CheckNumber(options.MaxShare, 0.01, 1, nameof(options.MaxShare));
        CheckNumber(options.Jitter, 0, 0.5, nameof(options.Jitter));
        CheckNumber(options.TopicsPerConfigRound, 1, 100_000, nameof(options.TopicsPerConfigRound));
        CheckNumber(options.BrokersPerLogDirRound, 1, 10_000, nameof(options.BrokersPerLogDirRound));
        CheckNumber(options.HistoryTopics, 0, 10_000, nameof(options.HistoryTopics));
        CheckNumber(options.HistoryGroups, 0, 10_000, nameof(options.HistoryGroups));
        return result.Build();

        void CheckTime(TimeSpan value, TimeSpan min, TimeSpan max, string key)
        {
            if (value < min || value > max)
            {
                result.AddError($"{value} is out of range. Expected {min} to {max}", $"{SamplingOptions.Section}:{key}");
            }
        }

        void CheckNumber(double value, double min, double max, string key)
        {
            if (!(value >= min && value <= max))
            {
                result.AddError($"{value} is out of range. Expected {min} to {max}", $"{SamplingOptions.Section}:{key}");
            }
        }
    }
}
