using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Sorts driver and server errors by what somebody has to do about them.</summary>
internal static class StorageFaults
{
    /// <summary>Where the database is, without user name and password.</summary>
    public static string Describe(string connectionString)
    {
        var parsed = new NpgsqlConnectionStringBuilder(connectionString);
        var host = parsed.Host?.StartsWith('/') == true ? $"socket {parsed.Host}" : parsed.Host;
        return string.Create(CultureInfo.InvariantCulture, $"database '{parsed.Database}' on {host}:{parsed.Port}");
    }

    /// <summary>An error that <see cref="Classify(Exception)"/> knows, in words an operator can act on.</summary>
    public static StorageUnavailableException Translate(Exception exception, string what, string database)
    {
        var fault = Classify(exception) ?? StorageFault.Other;
        return new StorageUnavailableException(
            fault, $"Could not {what}: {Explain(fault, database)} (the server or driver says: {Cause(exception)})", exception);
    }

    /// <summary>Null for errors that are bugs or expected outcomes (constraint violations), not trouble with the database.</summary>
    public static StorageFault? Classify(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case PostgresException postgres:
                    return Classify(postgres.SqlState);
                case SocketException:
                    return StorageFault.Unreachable;
                case NpgsqlException npgsql when npgsql.Message.Contains("pool has been exhausted", StringComparison.Ordinal):
                    return StorageFault.TooManyConnections;
                case NpgsqlException { InnerException: TimeoutException }:
                    return StorageFault.TimedOut;
                case NpgsqlException { InnerException: null or IOException and not { InnerException: SocketException } }:
                    return StorageFault.Disconnected;
                case NpgsqlException { InnerException: IOException { InnerException: SocketException socket } }:
                    return socket.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted
                        ? StorageFault.Disconnected
                        : StorageFault.Unreachable;
            }
        }

        return null;
    }

    private static StorageFault? Classify(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.CannotConnectNow => StorageFault.Starting,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or "57P05" => StorageFault.Disconnected,
        PostgresErrorCodes.InvalidCatalogName => StorageFault.MissingDatabase,
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.IoError or "53000" => StorageFault.Full,
        PostgresErrorCodes.TooManyConnections => StorageFault.TooManyConnections,
        PostgresErrorCodes.ReadOnlySqlTransaction => StorageFault.ReadOnly,
        PostgresErrorCodes.InsufficientPrivilege => StorageFault.PermissionDenied,
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or "25P03" or "25P04" => StorageFault.TimedOut,
        PostgresErrorCodes.OutOfMemory => StorageFault.Other,
        _ when sqlState.StartsWith("08", StringComparison.Ordinal) => StorageFault.Disconnected,
        _ when sqlState.StartsWith("28", StringComparison.Ordinal) => StorageFault.AccessRefused,
        _ => null,
    };

    private static string Explain(StorageFault fault, string database) => fault switch
    {
        StorageFault.Unreachable =>
            $"{database} can't be reached. Check that PostgreSQL runs there, that host and port in Storage:ConnectionString are right and that no firewall is between",
        StorageFault.Starting => $"{database} is starting, stopping or recovering. It is tried again; see the server's log if this lasts",
        StorageFault.AccessRefused => $"{database} refused the login. Check user name and password in Storage:ConnectionString and pg_hba.conf on the server",
        StorageFault.MissingDatabase => $"{database} does not exist. Create it (createdb) or correct the Database in Storage:ConnectionString",
        StorageFault.Disconnected =>
            $"the connection to {database} broke. What was being written is stored whole or not at all; it is tried again with a new connection",
        StorageFault.TimedOut => $"{database} did not answer in time. Check its load, its locks (pg_stat_activity) and the network",
        StorageFault.Full => $"{database} has no disk space left or its disk fails. Free or add space on the server; writing resumes by itself",
        StorageFault.ReadOnly =>
            $"{database} accepts no writes. It is a standby or set to read only (default_transaction_read_only); point Storage:ConnectionString to the primary",
        StorageFault.TooManyConnections => $"{database} has no free connection. Raise max_connections on the server or lower 'Maximum Pool Size' in Storage:ConnectionString",
        StorageFault.PermissionDenied => $"{database} denies this to the product's role. Make the role owner of the database",
        StorageFault.Other => $"{database} is short of resources. See the server's log",
        _ => throw new InvalidOperationException($"Unhandled storage fault {fault}"),
    };

    private static string Cause(Exception exception)
    {
        var inner = exception;
        while (inner.InnerException is not null && inner is not PostgresException)
        {
            inner = inner.InnerException;
        }

        return inner is PostgresException postgres ? $"{postgres.SqlState} {postgres.MessageText}" : inner.Message;
    }
}
