using ControlPlane.Contracts;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Components;

/// <summary>One mark along the top of a chart: the events that lie too close together to be drawn apart.</summary>
/// <param name="Share">Where, as a share of the width.</param>
/// <param name="Status">The worst of its events.</param>
/// <param name="Text">What the card under the pointer says, oldest first.</param>
public sealed record EventMark(double Share, StatusWord Status, int Count, string Text)
{
    /// <summary>Marks nearer than this share of the width would cover each other.</summary>
    private const double Nearest = 0.015;

    /// <summary>More lines than this would not fit beside the pointer.</summary>
    private const int MostLines = 8;

    public static IReadOnlyList<EventMark> Of(IEnumerable<ClusterEventDto> events, DateTimeOffset from, DateTimeOffset to)
    {
        var marks = new List<EventMark>();
        var together = new List<ClusterEventDto>();
        foreach (var one in events.Where(one => one.At >= from && one.At <= to).OrderBy(one => one.At))
        {
            if (together.Count > 0 && Share(one.At) - Share(together[0].At) > Nearest)
            {
                marks.Add(Mark(together));
                together.Clear();
            }

            together.Add(one);
        }

        return together.Count == 0 ? marks : [.. marks, Mark(together)];

        double Share(DateTimeOffset at) => to > from ? (at - from) / (to - from) : 0;

        EventMark Mark(List<ClusterEventDto> all) => new(
            Share(all[0].At), all.Select(one => one.Status).MaxBy(Show.Severity), all.Count, string.Join('\n', all.Take(MostLines).Select(Line)) + (all.Count > MostLines ? $"\n{all.Count - MostLines} more" : ""));
    }

    private static string Line(ClusterEventDto one) => $"{Show.Clock(one.At, ClockFormat.Time)} UTC  {one.Sentence}";
}
