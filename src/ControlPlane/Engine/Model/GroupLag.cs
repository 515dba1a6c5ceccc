namespace ControlPlane.Engine.Model;

/// <summary>Plain lag of a group: log end offset less committed offset, over the partitions where both are known.</summary>
/// <param name="Lag">Null where no partition's lag is known.</param>
/// <param name="Unknown">Partitions with a commit whose lag cannot be told.</param>
public readonly record struct GroupLag(long? Lag, int Unknown)
{
    public static GroupLag Of(ClusterModel model, Group group)
    {
        if (group.Offsets is not { } offsets)
        {
            return new GroupLag(null, 0);
        }

        var (total, known, unknown) = (0L, 0, 0);
        foreach (var commit in offsets)
        {
            if (Of(model, commit) is { } lag)
            {
                (total, known) = (total + lag, known + 1);
            }
            else
            {
                unknown++;
            }
        }

        return new GroupLag(known > 0 || offsets.IsEmpty ? total : null, unknown);
    }

    /// <summary>Lag of one commit; null where its topic is gone or its log end is not known.</summary>
    public static long? Of(ClusterModel model, CommittedOffset commit)
    {
        var table = model.Partitions;
        var topic = table.FindTopic(commit.Topic);
        if (topic < 0 || commit.Partition < 0 || commit.Partition >= table.PartitionsOf(topic))
        {
            return null;
        }

        var end = model.Load.LogEndOffset[table.TopicStart[topic] + commit.Partition];
        return end < 0 ? null : Math.Max(0, end - commit.Offset);
    }
}
