using Microsoft.Extensions.Options;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Where the product keeps its data, how long it keeps it, and how long a process may own a cluster unheard.</summary>
internal sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Npgsql connection string of the one database all processes share.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Text file with one base64 256-bit key per line; the first encrypts, all decrypt.</summary>
    public string MasterKeyFile { get; set; } = "";

    /// <summary>How long a cluster stays with an owner that no longer renews; renewed every third of it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(9);

    /// <summary>Limit of one statement outside the epoch guard.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Pause between two tries to reach a database that does not answer at start.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(2);

    public TimeSpan FineRetention { get; set; } = TimeSpan.FromHours(6);

    public TimeSpan MinuteRetention { get; set; } = TimeSpan.FromDays(7);

    public TimeSpan HourRetention { get; set; } = TimeSpan.FromDays(400);

    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long an anomaly is kept after it was resolved.</summary>
    public TimeSpan AnomalyRetention { get; set; } = TimeSpan.FromDays(90);

    public TimeSpan EventRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long an execution is kept after its end, with its journal and its plan.</summary>
    public TimeSpan ExecutionRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How often recurring jobs roll history up and remove what is too old.</summary>
    public TimeSpan RollupInterval { get; set; } = TimeSpan.FromMinutes(2);

    public TimeSpan RenewInterval => Lease / 3;

    /// <summary>
    /// Longest statement or pause inside an epoch-guarded transaction: it holds up the next owner's claim,
    /// so a stopped process must be cut off by the server soon.
    /// </summary>
    public TimeSpan GuardTimeout => Lease / 3;
}

internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckConnectionString(options.ConnectionString, result);
        if (string.IsNullOrWhiteSpace(options.MasterKeyFile))
        {
            result.AddError("is not set. Give the path of the file that holds the master key; create one with: (umask 077; head -c 32 /dev/urandom | base64 > FILE)", "Storage:MasterKeyFile");
        }

        CheckRange(options.Lease, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5), "Storage:Lease", result);
        CheckRange(options.CommandTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), "Storage:CommandTimeout", result);
        CheckRange(options.RetryInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), "Storage:RetryInterval", result);
        CheckRange(options.RollupInterval, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1), "Storage:RollupInterval", result);
        CheckRange(options.FineRetention, TimeSpan.FromHours(2), TimeSpan.FromDays(30), "Storage:FineRetention", result);
        CheckRange(options.AuditRetention, TimeSpan.FromDays(1), TimeSpan.FromDays(36_500), "Storage:AuditRetention", result);
        CheckRange(options.AnomalyRetention, TimeSpan.FromDays(1), TimeSpan.FromDays(36_500), "Storage:AnomalyRetention", result);
        CheckRange(options.EventRetention, TimeSpan.FromDays(1), TimeSpan.FromDays(36_500), "Storage:EventRetention", result);
        CheckRange(options.ExecutionRetention, TimeSpan.FromDays(1), TimeSpan.FromDays(36_500), "Storage:ExecutionRetention", result);
        CheckLonger(options.MinuteRetention, "Storage:MinuteRetention", options.FineRetention, "FineRetention", result);
        CheckLonger(options.HourRetention, "Storage:HourRetention", options.MinuteRetention, "MinuteRetention", result);
        return result.Build();
    }

    private static void CheckConnectionString(string text, ValidateOptionsResultBuilder result)
    {
        const string Key = "Storage:ConnectionString";
        if (string.IsNullOrWhiteSpace(text))
        {
            result.AddError("is not set. Expected for example: Host=db.example;Database=kcp;Username=kcp;Password=...", Key);
            return;
        }

        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrWhiteSpace(parsed.Host))
            {
                result.AddError("names no Host", Key);
            }

            if (string.IsNullOrWhiteSpace(parsed.Database))
            {
                result.AddError("names no Database", Key);
            }
        }
        catch (Exception ex) when (ex is ArgumentException or FormatException)
        {
            // The text may hold a password, so only the parser's own words are repeated.
            result.AddError($"is not a PostgreSQL connection string ({ex.Message}). Expected for example: Host=db.example;Database=kcp;Username=kcp;Password=...", Key);
        }
    }

    private static void CheckRange(TimeSpan value, TimeSpan min, TimeSpan max, string key, ValidateOptionsResultBuilder result)
    {
        if (value < min || value > max)
        {
            result.AddError($"{value} is out of range. Expected {min} to {max}", key);
        }
    }

    private static void CheckLonger(TimeSpan value, string key, TimeSpan than, string thanName, ValidateOptionsResultBuilder result)
    {
        if (value < than)
        {
            result.AddError($"{value} must not be shorter than {thanName} ({than})", key);
        }
    }
}
