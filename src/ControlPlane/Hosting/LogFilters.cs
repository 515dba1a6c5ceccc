namespace ControlPlane.Hosting;

/// <summary>What of others' logs an operator would care about. Configuration (Logging:LogLevel) is read after these and wins.</summary>
internal static class LogFilters
{
    // These log as errors, with stack traces, what our own log says in one line: the database is not there yet.
    private static readonly string[] Repeaters =
    [
        "Microsoft.EntityFrameworkCore.Database", // commands, connections, transactions
        "Microsoft.AspNetCore.DataProtection",
        "Microsoft.Extensions.Diagnostics.HealthChecks",
    ];

    /// <summary>The levels from which others' categories are logged.</summary>
    /// <param name="isStarted">Until then a failure ends the start and is told once, by <see cref="StartFailures"/> or as the crash it is.</param>
    public static ILoggingBuilder AddProductFilters(this ILoggingBuilder logging, Func<bool> isStarted)
    {
        foreach (var category in new[] { "Microsoft", "System", "Npgsql" })
        {
            logging.AddFilter(category, LogLevel.Warning);
        }

        foreach (var category in Repeaters)
        {
            logging.AddFilter(category, LogLevel.Critical);
        }

        // What a start that fails cuts short (the scheduler looking for its locks, say) is no failure of its own.
        foreach (var category in new[] { "Microsoft.Extensions.Hosting.Internal.Host", "Quartz" })
        {
            logging.AddFilter(category, level => level >= LogLevel.Warning && isStarted());
        }

        return logging;
    }
}
