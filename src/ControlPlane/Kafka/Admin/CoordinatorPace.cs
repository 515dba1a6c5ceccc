namespace ControlPlane.Kafka.Admin;

/// <summary>
/// How many groups go into one request to one coordinator, and how long to leave it alone between two. One request at a time:
/// an answer that takes long holds one of the few threads that also serve commits and heartbeats.
/// </summary>
internal sealed class CoordinatorPace
{
    /// <summary>Groups of a first request, when nothing is known of the coordinator yet.</summary>
    public const int FirstGroups = 50;

    public const int MostGroups = 500;

    /// <summary>Elements of an answer (partitions, members) aimed at: below a megabyte, in the middle of what a broker sends at once.</summary>
    public const int MostElements = 20_000;

    /// <summary>How long the coordinator may work on an answer, the way there and back not counted: nobody who waits behind it should notice.</summary>
    private static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private double _groups = FirstGroups;
    private double _elementsPerGroup = 1;
    private double _usual;
    private double _quickest = double.MaxValue;

    /// <summary>Before the next request; zero while the coordinator answers as it usually does.</summary>
    public TimeSpan Pause { get; private set; }

    public int Groups => (int)_groups;

    /// <summary>How many of the groups that wait, from the first on, go into the next request.</summary>
    /// <param name="elements">Of each group as last seen; null where it was never seen.</param>
    public int Next(ReadOnlySpan<int?> elements)
    {
        var (count, sum) = (0, 0.0);
        while (count < elements.Length && count < Groups)
        {
            sum += elements[count] ?? _elementsPerGroup;
            if (count > 0 && sum > MostElements)
            {
                break;
            }

            count++;
        }

        return count;
    }

    /// <summary>An answer came: larger requests while it is quick, smaller ones and rests when it is slow or asks for rest.</summary>
    public void Answered(int groups, int elements, TimeSpan took, bool isThrottled)
    {
        // The way there and back, about: a far coordinator is not a slow one. It creeps up, as ways change.
        _quickest = Math.Min(_quickest * 1.01, took.TotalMilliseconds);
        var work = took - TimeSpan.FromMilliseconds(_quickest);
        var cost = took.TotalMilliseconds / (groups + (elements * 0.1));
        var isSlower = _usual > 0 && cost > 3 * _usual && work > Aim / 4; // than this coordinator used to be
        _usual = _usual > 0 ? (0.95 * _usual) + (0.05 * cost) : cost;
        _elementsPerGroup = (0.8 * _elementsPerGroup) + (0.2 * elements / Math.Max(1, groups));
        var isSlow = isThrottled || isSlower || work > 2 * Aim;
        _groups = Math.Clamp(isSlow ? Math.Min(_groups, groups) / 2 : work > Aim ? _groups * 0.9 : groups >= Groups ? _groups * 1.5 : _groups, 1, MostGroups);
        Pause = !isSlow ? TimeSpan.Zero : took < LongestPause ? took : LongestPause; // at most half of its time
    }

    /// <summary>No answer came: it may have been too much for it.</summary>
    public void Failed(TimeSpan took)
    {
        _groups = Math.Max(1, _groups / 4);
        Pause = took < LongestPause ? took : LongestPause;
    }
}
