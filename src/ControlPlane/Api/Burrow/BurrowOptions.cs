namespace ControlPlane.Api.Burrow;

/// <summary>Burrow's HTTP API, for programs that know it.</summary>
internal sealed class BurrowOptions
{
    public const string Section = "Burrow";

    /// <summary>Whether /v3 and /burrow are answered at all.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Who reads without a token: Burrow's clients bring none. Tokens are good everywhere, as Bearer or as the password of Basic.</summary>
    public MetricsAccess Access { get; set; } = MetricsAccess.Loopback;

    /// <summary>Whether DELETE forgets groups, for operators, and POST sets the log level, for admins.</summary>
    public bool AllowChanges { get; set; }
}
