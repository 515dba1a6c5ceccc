namespace ControlPlane.Engine.Lag.Store;

/// <summary>Puts a commit where its order says, by Burrow's rules, in the cases that are not a plain append.</summary>
internal static class Insertion
{
    public static CommitOutcome Into(Rows rows, int row, in CommitPoint commit, long lag, long minDistance)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(rows.Slots)]);
        var count = rows.Read(row, copy);
        var isFull = count == rows.Slots;
        if (isFull && copy.Orders[0] >= commit.Order)
        {
            return CommitOutcome.TooOld;
        }

        var at = count;
        while (at > 0 && copy.Orders[at - 1] > commit.Order)
        {
            at--;
        }

        if (at > 0 && copy.Orders[at - 1] == commit.Order)
        {
            return CommitOutcome.Duplicate;
        }

        var isLate = at < count;
        var known = isLate ? CommitWindow.Unknown : lag; // what the lag was then can't be told now
        if (IsTooClose(copy, at, count, isFull, commit, minDistance))
        {
            copy.Set(at - 1, commit, copy.Times[at - 1], known);
            rows.Write(row, copy, count);
            return CommitOutcome.Merged;
        }

        copy.Open(at, count);
        copy.Set(at, commit, commit.Timestamp, known);
        rows.Write(row, copy, count + 1);
        return isLate ? CommitOutcome.Inserted : CommitOutcome.Appended;
    }

    /// <summary>Between the two oldest commits of a full window there is no merging: the newcomer takes the place of the oldest.</summary>
    private static bool IsTooClose(in RowCopy copy, int at, int count, bool isFull, in CommitPoint commit, long minDistance) =>
        at > 0 && !(isFull && at == 1 && at < count) && commit.Timestamp - copy.Times[at - 1] < minDistance;
}
