using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>The windows of groups that are polled, in parts of some groups each. The same windows are the same bytes, whenever they are written.</summary>
public static class WindowsMemory
{
    /// <summary>Written until a part has so many bytes.</summary>
    private const int BytesOfPart = 4 << 20;

    /// <summary>Writes groups from a place on; returns the first place that did not fit any more, or how many there are.</summary>
    public static int Write(MemoryWriter to, LagShard shard, int firstPlace)
    {
        var (place, places) = (firstPlace, shard.Places);
        for (; place < places && to.Length < BytesOfPart; place++)
        {
            shard.RememberGroup(to, place);
        }

        return place;
    }

    /// <summary>Puts windows into a shard; nothing of a part stays there when it can't be read.</summary>
    /// <exception cref="LagMemoryException">It is not what <see cref="Write"/> wrote.</exception>
    public static void Read(ReadOnlySpan<byte> payload, LagShard into)
    {
        var groups = new List<string>();
        try
        {
            var from = new MemoryReader(payload);
            while (!from.IsAtEnd)
            {
                var group = from.Text();
                groups.Add(group);
                for (var left = from.Count(); left > 0; left--)
                {
                    into.Recall(ref from, group, from.Text(), from.Index(int.MaxValue), 0);
                }
            }
        }
        catch (Exception ex) when (ex is LagMemoryException or OverflowException)
        {
            groups.ForEach(group => into.ForgetGroup(group));
            throw ex as LagMemoryException ?? MemoryReader.Wrong("a number is out of its range");
        }
    }
}
