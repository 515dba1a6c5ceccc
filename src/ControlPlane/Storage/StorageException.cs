namespace ControlPlane.Storage;

/// <summary>What keeps the database from doing its work; decides what an operator has to do next.</summary>
internal enum StorageFault
{
    Unreachable,
    Starting,
    AccessRefused,
    MissingDatabase,
    Disconnected,
    TimedOut,
    Full,
    ReadOnly,
    TooManyConnections,
    PermissionDenied,
    Other,
}

/// <summary>The database could not do what was asked. Nothing of that write is stored unless the outcome is said to be unknown.</summary>
internal sealed class StorageUnavailableException(StorageFault fault, string message, Exception? inner)
    : Exception(message, inner)
{
    public StorageFault Fault { get; } = fault;

    /// <summary>Whether the same call can succeed later without anybody changing a setting.</summary>
    public bool IsTransient => Fault is StorageFault.Unreachable or StorageFault.Starting or StorageFault.Disconnected
        or StorageFault.TimedOut or StorageFault.TooManyConnections;
}

/// <summary>The database can't be used by this version or with these settings; waiting does not help.</summary>
internal sealed class StorageRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The writer does not own the cluster any more. Nothing was written.</summary>
internal sealed class StaleEpochException(ClusterLease lease, string what, Exception? inner = null)
    : Exception(
        $"Refused to {what} for cluster '{lease.Cluster}': process {lease.Owner} does not hold epoch {lease.Epoch} any more. "
        + "Another process owns the cluster or the lease ran out; nothing was written. Stop this cluster's work here and claim it anew.",
        inner)
{
    public ClusterLease Lease { get; } = lease;
}
