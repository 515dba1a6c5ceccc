using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag.Metrics;

/// <summary>A group as it is exported.</summary>
/// <param name="Lag">Null where no partition's lag is known.</param>
/// <param name="Burrow">Burrow's verdict; not found where nobody asked for its names.</param>
internal sealed record GroupFigures(string Cluster, Group Group, GroupJudgement? Judgement, long? Lag, GroupLagVerdict Burrow)
{
    public string Id => Group.Id;

    /// <summary>Where each partition is read; empty where members are not told, or where no name asks for them.</summary>
    public Dictionary<(string Topic, int Partition), GroupMember> Owners { get; } = [];

    /// <summary>Of all partitions, as far as it is known.</summary>
    public TimeLag TimeLag { get; set; } = TimeLag.Unknown;

    public long MaxLag { get; set; }

    /// <summary>Offsets it has committed since they are counted; null where they are not.</summary>
    public long? Commits { get; init; }
}

/// <summary>What a group has read of one topic.</summary>
internal sealed record TopicFigures(GroupFigures Of, string Topic)
{
    public long Lag { get; set; }

    public long Committed { get; set; }

    /// <summary>Partitions that it never committed on.</summary>
    public int Uncommitted { get; set; }

    public TimeLag TimeLag { get; set; } = TimeLag.Unknown;
}

/// <summary>One partition of a group.</summary>
/// <param name="Lag">Null where the end of the log is not known.</param>
internal sealed record PartitionFigures(GroupFigures Of, string Topic, int Partition, long Committed, long End, long LogStart, long? Lag, TimeLag TimeLag, LagVerdict Burrow)
{
    public bool IsCommitted => Committed >= 0;

    public GroupMember? Owner => Of.Owners.GetValueOrDefault((Topic, Partition));
}
