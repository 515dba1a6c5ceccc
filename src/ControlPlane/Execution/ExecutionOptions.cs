using ControlPlane.Engine.Execution;
using Microsoft.Extensions.Options;

namespace ControlPlane.Execution;

/// <summary>How executions are carried out. What one plan may do at a time is in the plan's own limits.</summary>
internal sealed class ExecutionOptions
{
    public const string Section = "Execution";

    /// <summary>How often the cluster is looked at while something moves.</summary>
    public TimeSpan Look { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often sizes of replicas are read while something moves.</summary>
    public TimeSpan Sizes { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often an idle cluster is checked for an approved plan, in case the word of it got lost.</summary>
    public TimeSpan Idle { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often throttles that a broker owes are tried again after the end.</summary>
    public TimeSpan Janitor { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Limit of one request that changes the cluster.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time the lease must have left for anything to be sent.</summary>
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a change that was sent may still arrive; longer than any request and than an answer may lag.</summary>
    public TimeSpan Settle { get; set; } = ExecutionPolicy.Default.Settle;

    /// <summary>How long a move waits for a broker it needs before it is taken back.</summary>
    public TimeSpan Patience { get; set; } = ExecutionPolicy.Default.Patience;

    public TimeSpan StallAfter { get; set; } = ExecutionPolicy.Default.StallAfter;

    /// <summary>Most partitions in one submission.</summary>
    public int BatchSize { get; set; } = ExecutionPolicy.Default.BatchSize;

    /// <summary>Most preferred elections at a time.</summary>
    public int ElectionBatch { get; set; } = ExecutionPolicy.Default.ElectionBatch;

    public ExecutionPolicy Policy => new()
    {
        Settle = Settle,
        Patience = Patience,
        StallAfter = StallAfter,
        BatchSize = BatchSize,
        ElectionBatch = ElectionBatch,
    };
}

internal sealed class ExecutionOptionsValidator : IValidateOptions<ExecutionOptions>
{
    public ValidateOptionsResult Validate(string? name, ExecutionOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var (key, value) in new[]
        {
            (nameof(options.Look), options.Look), (nameof(options.Sizes), options.Sizes), (nameof(options.Idle), options.Idle), (nameof(options.Janitor), options.Janitor),
            (nameof(options.RequestTimeout), options.RequestTimeout), (nameof(options.LeaseMargin), options.LeaseMargin), (nameof(options.Patience), options.Patience),
            (nameof(options.StallAfter), options.StallAfter),
        })
        {
            if (value < TimeSpan.FromMilliseconds(10) || value > TimeSpan.FromHours(24))
            {
                result.AddError($"{value} is out of range; expected 00:00:00.010 to 24:00:00", $"{ExecutionOptions.Section}:{key}");
            }
        }

        if (options.Settle <= options.RequestTimeout)
        {
            result.AddError($"{options.Settle} must be longer than RequestTimeout ({options.RequestTimeout}): a request under way may still arrive", $"{ExecutionOptions.Section}:Settle");
        }

        foreach (var (key, value) in new[] { (nameof(options.BatchSize), options.BatchSize), (nameof(options.ElectionBatch), options.ElectionBatch) })
        {
            if (value is < 1 or > 1_000)
            {
                result.AddError($"{value} is out of range; expected 1 to 1000", $"{ExecutionOptions.Section}:{key}");
            }
        }

        return result.Build();
    }
}
