namespace ControlPlane.Kafka.Connections;

/// <summary>A broker answers one connection's requests in order, so what may not wait for each other goes over connections of its own.</summary>
public enum RequestLane
{
    /// <summary>Quick looks: metadata, cluster, quorum, coordinators. Also the watch on whether the broker lives.</summary>
    Look,

    /// <summary>Answers that take the broker long or are large: log dirs, offsets, groups, configs.</summary>
    Bulk,

    /// <summary>What changes the cluster.</summary>
    Change,

    /// <summary>Fetches, which a broker holds until there is something to tell.</summary>
    Tail,
}
