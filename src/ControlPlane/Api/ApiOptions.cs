using Microsoft.Extensions.Options;

namespace ControlPlane.Api;

/// <summary>Who may read /metrics without a token.</summary>
internal enum MetricsAccess
{
    /// <summary>Programs on the same machine, unless a proxy speaks for them.</summary>
    Loopback,

    /// <summary>Anyone who reaches the port.</summary>
    Anyone,

    /// <summary>Nobody: a token with the role viewer is needed.</summary>
    Token,
}

/// <summary>Limits and security of the API.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>A session that is not used for this long ends.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long what is known of a user or token may be used before the database is asked again.</summary>
    public TimeSpan AccessCache { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long what is known of a user or token holds while the database can't be asked.</summary>
    public TimeSpan AccessOutage { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Log-ins a minute from one address.</summary>
    public int LoginsPerAddress { get; set; } = 30;

    /// <summary>Log-ins a minute of one user.</summary>
    public int LoginsPerUser { get; set; } = 10;

    public int MaxLiveConnections { get; set; } = 1000;

    public int MaxLiveConnectionsPerCaller { get; set; } = 200;

    /// <summary>How long the owner of a cluster may take to begin its answer.</summary>
    public TimeSpan ForwardTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public MetricsAccess MetricsAccess { get; set; } = MetricsAccess.Loopback;

    /// <summary>Addresses of reverse proxies whose X-Forwarded-* headers are believed; empty: none is.</summary>
    public IReadOnlyList<string> TrustedProxies { get; set; } = [];
}

internal sealed class ApiOptionsValidator : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckRange(options.SessionIdle, TimeSpan.FromMinutes(5), TimeSpan.FromDays(30), "Api:SessionIdle", result);
        CheckRange(options.AccessCache, TimeSpan.Zero, TimeSpan.FromMinutes(1), "Api:AccessCache", result);
        CheckRange(options.AccessOutage, TimeSpan.Zero, TimeSpan.FromDays(1), "Api:AccessOutage", result);
        CheckRange(options.ForwardTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), "Api:ForwardTimeout", result);
        CheckRange(options.LoginsPerAddress, "Api:LoginsPerAddress", result);
        CheckRange(options.LoginsPerUser, "Api:LoginsPerUser", result);
        CheckRange(options.MaxLiveConnections, "Api:MaxLiveConnections", result);
        CheckRange(options.MaxLiveConnectionsPerCaller, "Api:MaxLiveConnectionsPerCaller", result);
        foreach (var proxy in options.TrustedProxies)
        {
            if (!System.Net.IPAddress.TryParse(proxy, out _))
            {
                result.AddError($"'{proxy}' is not an IP address", "Api:TrustedProxies");
            }
        }

        return result.Build();
    }

    private static void CheckRange(TimeSpan value, TimeSpan min, TimeSpan max, string key, ValidateOptionsResultBuilder result)
    {
        if (value < min || value > max)
        {
            result.AddError($"{value} is out of range. Expected {min} to {max}", key);
        }
    }

    private static void CheckRange(int value, string key, ValidateOptionsResultBuilder result)
    {
        if (value is < 1 or > 1_000_000)
        {
            result.AddError($"{value} is out of range. Expected 1 to 1000000", key);
        }
    }
}
