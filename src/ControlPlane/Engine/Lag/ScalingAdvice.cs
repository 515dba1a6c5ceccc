namespace ControlPlane.Engine.Lag;

/// <summary>Whether members are missing.</summary>
public enum ScalingKind
{
    /// <summary>How much a member can read has not been measured.</summary>
    Unknown,
    Enough,
    More,

    /// <summary>More members than partitions would be needed, and those could not help.</summary>
    BoundByPartitions,
}

/// <summary>How many members would hold a group's time lag, at the measured rates.</summary>
/// <param name="Members">What is advised; never more than there are partitions.</param>
/// <param name="Needed">What the rates ask for, whatever the partitions allow.</param>
public readonly record struct ScalingAdvice(ScalingKind Kind, int Members, int Needed)
{
    private const int Most = 1_000_000;

    /// <summary>Members for what is written now, and for reading the backlog in time.</summary>
    /// <param name="rates">Of the whole group, while it is behind: only then reading shows what members can do.</param>
    /// <param name="objective">The longest a record may wait; the backlog is to be read within it as well.</param>
    public static ScalingAdvice Of(int members, int partitions, long lag, TimeLag timeLag, LagRates rates, TimeSpan objective)
    {
        if (objective <= TimeSpan.Zero || members < 0 || partitions < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(objective), objective, "an objective above 0, no members or more, and a partition at least are expected");
        }

        if (lag == 0 || (members > 0 && timeLag.Kind == TimeLagKind.Known && timeLag.Milliseconds <= objective.TotalMilliseconds && !(rates.Net < 0)))
        {
            return new ScalingAdvice(ScalingKind.Enough, Math.Min(members, partitions), members);
        }

        if (members == 0 || lag < 0 || !(rates.Consume > 0) || double.IsNaN(rates.Produce))
        {
            return new ScalingAdvice(ScalingKind.Unknown, Math.Clamp(members, 1, partitions), Math.Max(1, members));
        }

        var each = rates.Consume / Math.Min(members, partitions);
        var wanted = Math.Max(rates.Produce, lag / objective.TotalSeconds);
        var needed = (int)Math.Clamp(Math.Ceiling((wanted / each) - 1e-9), 1, Most);
        return needed > partitions ? new ScalingAdvice(ScalingKind.BoundByPartitions, partitions, needed)
            : needed > members ? new ScalingAdvice(ScalingKind.More, needed, needed)
            : new ScalingAdvice(ScalingKind.Enough, Math.Min(members, partitions), needed);
    }

    public string Sentence => Kind switch
    {
        ScalingKind.Unknown => "How many members would do can't be told before it reads.",
        ScalingKind.Enough when Members == 0 => "Nothing waits to be read.",
        ScalingKind.Enough => $"{Members} members are enough.",
        ScalingKind.More => $"{Members} members would hold it.",
        _ => $"{Needed} members would be needed, but {Members} partitions feed no more than {Members}.",
    };
}
