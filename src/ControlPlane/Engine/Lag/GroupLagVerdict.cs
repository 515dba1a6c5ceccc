namespace ControlPlane.Engine.Lag;

/// <summary>Health of a group: the worst of its partitions.</summary>
/// <param name="Complete">Partitions whose window is full, of all; 0 where there are none. Single precision, as Burrow prints it.</param>
/// <param name="TotalLag">Over every partition, incomplete ones too; partitions of unknown lag add nothing.</param>
/// <param name="MaxLag">Place of the partition that is furthest behind, the first of equals; -1 where there is none. It is named even with no lag.</param>
public readonly record struct GroupLagVerdict(GroupLagStatus Status, float Complete, int Partitions, long TotalLag, int MaxLag)
{
    /// <summary>What is said of a group that nobody knows.</summary>
    public static GroupLagVerdict NotFound { get; } = new(GroupLagStatus.NotFound, 1, 0, 0, -1);

    /// <summary>Rolls partitions up; those that nobody reads any more are left out of lag and status.</summary>
    public static GroupLagVerdict Of(ReadOnlySpan<LagVerdict> partitions)
    {
        var (status, full, total, most) = (GroupLagStatus.Ok, 0, 0L, -1);
        for (var i = 0; i < partitions.Length; i++)
        {
            ref readonly var partition = ref partitions[i];
            status = Worst(status, partition.Status);
            full += partition.Complete == 1 ? 1 : 0;
            if (partition.Reason == LagReason.Ghost)
            {
                continue;
            }

            total += Math.Clamp(partition.CurrentLag, 0, long.MaxValue - total); // offsets near the largest number exist
            if (most < 0 || Math.Max(0, partition.CurrentLag) > Math.Max(0, partitions[most].CurrentLag))
            {
                most = i;
            }
        }

        return new GroupLagVerdict(status, partitions.IsEmpty ? 0 : (float)full / partitions.Length, partitions.Length, total, most);
    }

    /// <summary>What is wrong with how many partitions, and why where that is known: the first thing to read of a group.</summary>
    public string Sentence(ReadOnlySpan<LagVerdict> partitions, LagCause? cause = null)
    {
        var parts = new List<string>();
        foreach (var (status, words) in Words)
        {
            var (count, silence) = Count(partitions, status);
            if (count > 0)
            {
                parts.Add($"{count} of {partitions.Length} partitions {words}" + (silence > 0 ? $", no commit for {LagSentences.Time(silence)}" : ""));
            }
        }

        var what = Status == GroupLagStatus.NotFound ? "The group is not known"
            : parts.Count > 0 ? string.Join("; ", parts)
            : Partitions == 0 ? "The group has committed nothing"
            : "All partitions are in order";
        return $"{what}, {LagSentences.Messages(TotalLag)} behind." + (cause is null ? "" : " " + cause.Sentence);
    }

    private static readonly (PartitionLagStatus Status, string Words)[] Words =
    [
        (PartitionLagStatus.Stop, "stopped"), (PartitionLagStatus.Stall, "stalled"), (PartitionLagStatus.Rewind, "rewound"), (PartitionLagStatus.Warn, "falling behind"),
    ];

    private static (int Count, long Silence) Count(ReadOnlySpan<LagVerdict> partitions, PartitionLagStatus status)
    {
        var (count, silence) = (0, 0L);
        foreach (ref readonly var partition in partitions)
        {
            if (partition.Status == status)
            {
                (count, silence) = (count + 1, Math.Max(silence, partition.SilenceMs));
            }
        }

        return (count, silence);
    }

    /// <summary>Stopped, stalled and rewound are all errors of the group.</summary>
    private static GroupLagStatus Worst(GroupLagStatus group, PartitionLagStatus partition)
    {
        var word = partition switch
        {
            PartitionLagStatus.Ok => GroupLagStatus.Ok,
            PartitionLagStatus.Warn => GroupLagStatus.Warn,
            _ => GroupLagStatus.Err,
        };
        return word > group ? word : group;
    }
}
