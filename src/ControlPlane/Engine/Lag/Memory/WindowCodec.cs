using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>The window of one partition of a group in bytes: each commit as what it is more than the one before it.</summary>
internal static class WindowCodec
{
    public const int Space = (LagStoreOptions.MostSlots + 1) * 5;

    /// <summary>Commits oldest first; <paramref name="place"/> is a position in the offsets topic, which orders are near to.</summary>
    public static void Write(MemoryWriter to, in RowCopy window, int count, Learned learned, long place)
    {
        to.Count(count);
        if (count == 0)
        {
            return;
        }

        to.Number(learned.LongestWait);
        to.Number((ulong)learned.WorkedOff);
        to.Number((ulong)learned.Largest);
        var (offset, time, order) = (0L, 0L, place);
        for (var i = 0; i < count; i++)
        {
            to.Signed(window.Offsets[i] - offset);
            to.Signed(window.Times[i] - time);
            to.Signed(window.Orders[i] - order);
            to.OrUnknown(window.Lags[i]);
            to.Number((ulong)window.Delays[i]);
            (offset, time, order) = (window.Offsets[i], window.Times[i], window.Orders[i]);
        }
    }

    /// <summary>Returns how many commits.</summary>
    public static int Read(ref MemoryReader from, scoped RowCopy window, out Learned learned, long place)
    {
        learned = default;
        var count = from.Index(LagStoreOptions.MostSlots + 1);
        if (count == 0)
        {
            return 0;
        }

        learned = new Learned((uint)Math.Min(uint.MaxValue, from.Number()), from.Number(), from.Number());
        var (offset, time, order) = (0L, 0L, place);
        for (var i = 0; i < count; i++)
        {
            var before = order;
            (offset, time, order) = (offset + from.Signed(), time + from.Signed(), order + from.Signed());
            if (offset < 0 || (i > 0 && order <= before))
            {
                throw MemoryReader.Wrong("commits of a window are not in their order, or below zero");
            }

            (window.Offsets[i], window.Times[i], window.Orders[i]) = (offset, time, order);
            window.Lags[i] = from.OrUnknown();
            window.Delays[i] = (long)Math.Min(int.MaxValue, from.Number());
        }

        return count;
    }
}
