using System.Net;
using ControlPlane.Engine.Alerts;
using Microsoft.Extensions.Options;

namespace ControlPlane.Alerts;

/// <summary>How alerts are sent. Where they go is data: the alert targets.</summary>
internal sealed class AlertsOptions
{
    public const string Section = "Alerts";

    /// <summary>Where people reach the pages, for links in alerts; empty: the address this process advertises.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>Networks (CIDR) that may be sent to although they are loopback, link-local or otherwise refused.</summary>
    public IReadOnlyList<string> AllowedAddresses { get; set; } = [];

    /// <summary>A receiver that has not answered after this long has failed.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After this long another process takes over what this one was sending.</summary>
    public TimeSpan ClaimLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the outbox is looked at without a reason.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Deliveries to one target at the same time, by one process.</summary>
    public int ConcurrencyPerTarget { get; set; } = 4;

    /// <summary>Upper bound of the first pause after a failure; doubles up to <see cref="RetryCap"/>.</summary>
    public TimeSpan RetryBase { get; set; } = DeliverySchedule.Default.Base;

    public TimeSpan RetryCap { get; set; } = DeliverySchedule.Default.Cap;

    public TimeSpan GiveUpAfter { get; set; } = DeliverySchedule.Default.GiveUpAfter;

    /// <summary>Failures in a row after which a target is only probed.</summary>
    public int BreakAfter { get; set; } = DeliverySchedule.Default.BreakAfter;

    /// <summary>Pause before the first probe; doubles with each that fails, up to <see cref="RetryCap"/>.</summary>
    public TimeSpan ProbePause { get; set; } = DeliverySchedule.Default.ProbePause;

    public DeliverySchedule Schedule => new(RetryBase, RetryCap, GiveUpAfter, BreakAfter, ProbePause);
}

internal sealed class AlertsOptionsValidator : IValidateOptions<AlertsOptions>
{
    public ValidateOptionsResult Validate(string? name, AlertsOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.PublicUrl.Length > 0 && !(Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            result.AddError($"'{options.PublicUrl}' is not an http or https URL. Expected for example https://kafka.example.com", "Alerts:PublicUrl");
        }

        foreach (var network in options.AllowedAddresses.Where(network => !IPNetwork.TryParse(network, out _)))
        {
            result.AddError($"'{network}' is not a network. Expected CIDR, such as 127.0.0.0/8 or fe80::/10", "Alerts:AllowedAddresses");
        }

        CheckRange(options.RequestTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2), "Alerts:RequestTimeout", result);
        CheckRange(options.ClaimLease, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), "Alerts:ClaimLease", result);
        CheckRange(options.PollInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), "Alerts:PollInterval", result);
        CheckRange(options.RetryBase, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), "Alerts:RetryBase", result);
        CheckRange(options.RetryCap, options.RetryBase, TimeSpan.FromHours(1), "Alerts:RetryCap", result);
        CheckRange(options.GiveUpAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(14), "Alerts:GiveUpAfter", result);
        CheckRange(options.ProbePause, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5), "Alerts:ProbePause", result);
        CheckRange(options.ConcurrencyPerTarget, 1, 64, "Alerts:ConcurrencyPerTarget", result);
        CheckRange(options.BreakAfter, 1, 1000, "Alerts:BreakAfter", result);
        if (options.ClaimLease < options.RequestTimeout * 2)
        {
            result.AddError($"{options.ClaimLease} must be at least twice RequestTimeout ({options.RequestTimeout}), or two processes would send the same at once", "Alerts:ClaimLease");
        }

        return result.Build();
    }

    private static void CheckRange<T>(T value, T min, T max, string key, ValidateOptionsResultBuilder result)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            result.AddError($"{value} is out of range. Expected {min} to {max}", key);
        }
    }
}
