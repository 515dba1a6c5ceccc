using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Lag.Judging;

/// <summary>Asks <see cref="ResetRules"/> about each topic of a judged group.</summary>
internal static class GroupResets
{
    /// <summary>Rewinds that were a reset from outside become one; the verdicts are changed in place.</summary>
    public static void Recognise(Span<LagVerdict> verdicts, LagSnapshot snapshot, Group? group, long now)
    {
        if (!HasRewind(verdicts))
        {
            return; // nearly always
        }

        foreach (var topic in Enumerable.Range(0, verdicts.Length).GroupBy(snapshot.Topic, StringComparer.Ordinal))
        {
            int[] places = [.. topic];
            var (ofTopic, droppedAt) = (new LagVerdict[places.Length], new long[places.Length]);
            for (var i = 0; i < places.Length; i++)
            {
                ofTopic[i] = verdicts[places[i]];
                droppedAt[i] = ofTopic[i].DropAt >= 0 ? snapshot.Window(places[i], now).Times[ofTopic[i].DropAt] : 0;
            }

            if (ResetRules.Recognise(ofTopic, droppedAt, MembersOf(group, topic.Key)))
            {
                for (var i = 0; i < places.Length; i++)
                {
                    verdicts[places[i]] = ofTopic[i];
                }
            }
        }
    }

    private static bool HasRewind(ReadOnlySpan<LagVerdict> verdicts)
    {
        foreach (ref readonly var verdict in verdicts)
        {
            if (verdict.Reason == LagReason.OffsetsWentBack)
            {
                return true;
            }
        }

        return false;
    }

    private static int? MembersOf(Group? group, string topic) =>
        group?.Members is { } members ? members.Count(member => member.Assigned.Any(one => string.Equals(one.Topic, topic, StringComparison.Ordinal))) : null;
}
