namespace ControlPlane.Kafka.Connections;

/// <summary>The versions of one API that a broker serves, both inclusive.</summary>
public readonly record struct VersionRange(short Min, short Max)
{
    public override string ToString() => Min == Max ? $"v{Min}" : $"v{Min} to v{Max}";
}
