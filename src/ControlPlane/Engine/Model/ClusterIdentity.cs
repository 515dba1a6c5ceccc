using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>What a cluster says of itself, and what it does not let us see.</summary>
/// <param name="Release">Best guess, such as "4.3" or "3.9 or later"; null where its versions fit no release we know.</param>
/// <param name="Mode">kraft or zookeeper; null where it could not be told.</param>
/// <param name="Capabilities">What of Kafka's newer or optional abilities every broker has.</param>
/// <param name="MissingPermissions">Permissions that this product's principal lacks.</param>
public sealed record ClusterIdentity(
    string? Release, string? Mode, ImmutableArray<string> Capabilities, ImmutableArray<MissingPermission> MissingPermissions)
{
    public bool Equals(ClusterIdentity? other) =>
        other is not null
        && Release == other.Release
        && Mode == other.Mode
        && Capabilities.SequenceEqual(other.Capabilities)
        && MissingPermissions.SequenceEqual(other.MissingPermissions);

    public override int GetHashCode() => HashCode.Combine(Release, Mode, Capabilities.Length, MissingPermissions.Length);
}

/// <summary>A permission that the principal of a cluster's connection lacks.</summary>
/// <param name="Operation">As in Kafka's ACLs, such as "Describe".</param>
/// <param name="Resource">What it is needed on, such as "cluster".</param>
/// <param name="Hides">What stays unknown without it, as the subject of a sentence.</param>
/// <param name="Grant">The arguments of kafka-acls that grant it.</param>
public sealed record MissingPermission(string Operation, string Resource, string Hides, string Grant)
{
    public override string ToString() => $"Missing permission {Operation} on {Resource}: {Hides}. Grant it with kafka-acls {Grant}";
}
