using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>
/// What is remembered between rounds to turn offsets and sizes into rates, in flat arrays by partition. Immutable: each
/// observation returns the next windows and shares the arrays that did not change.
/// Bytes in = messages in (log end offsets, every round) x bytes per message (log dir growth over appended records, seldom).
/// So retention, which shrinks a log dir, never looks like less produce, and an idle partition is 0 at once.
/// </summary>
public sealed record PartitionWindows
{
    /// <summary>How far back message rates look.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromSeconds(60);

    /// <summary>How far back consume rates look: commits come in steps of 5 s and more.</summary>
    public static readonly TimeSpan ConsumeSpan = TimeSpan.FromSeconds(90);

    /// <summary>A size and an end that were read within this time belong together; an older end is carried on to the size by its rate.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(5);

    /// <summary>For longer no end is carried on: what came since is a guess.</summary>
    private static readonly TimeSpan CarriedOn = TimeSpan.FromSeconds(90);

    public static PartitionWindows Empty { get; } = new();

    public CounterWindow Ends { get; private init; } = CounterWindow.Empty;

    /// <summary>Records consumed by all groups since this window began.</summary>
    public CounterWindow Consumed { get; private init; } = CounterWindow.Empty;

    /// <summary>Average size of a record on the leader's disk; NaN while unknown.</summary>
    public float[] BytesPerMessage { get; private init; } = [];

    /// <summary>From growth; else a first guess from the whole log.</summary>
    private bool[] IsMeasured { get; init; } = [];

    /// <summary>The leader's log at the last measurement: bytes, log end, log start, and whose log (Kafka node id).</summary>
    private long[] BaseBytes { get; init; } = [];

    private long[] BaseEnd { get; init; } = [];

    private long[] BaseStart { get; init; } = [];

    private int[] BaseLeader { get; init; } = [];

    public int PartitionCount => BytesPerMessage.Length;

    /// <summary>The windows of another layout. Topics made anew under an old name have no past.</summary>
    public PartitionWindows Remap(int[] oldOf)
    {
        var counters = this with { Ends = Ends.Remap(oldOf), Consumed = Consumed.Remap(oldOf) };
        return PartitionCount == 0
            ? counters // no size was ever read
            : counters with
            {
                BytesPerMessage = Remapping.Floats(BytesPerMessage, oldOf),
                IsMeasured = Remapping.Of(IsMeasured, oldOf, false),
                BaseBytes = Remapping.Longs(BaseBytes, oldOf),
                BaseEnd = Remapping.Longs(BaseEnd, oldOf),
                BaseStart = Remapping.Longs(BaseStart, oldOf),
                BaseLeader = Remapping.Of(BaseLeader, oldOf, -1),
            };
    }

    public PartitionWindows ObserveOffsets(DateTimeOffset at, long[] logEnd) => this with { Ends = Ends.Push(at, logEnd, Span) };

    /// <summary>Takes the progress of committed offsets between two rounds of groups. Null rounds leave the window as it is.</summary>
    public PartitionWindows ObserveGroups(DateTimeOffset at, ImmutableArray<Group>? before, ImmutableArray<Group> after, PartitionTable table)
    {
        if (before is null || !after.Any(group => group.Offsets is not null))
        {
            return this;
        }

        var total = Consumed.Newest is { } newest && newest.Length == table.PartitionCount
            ? (long[])newest.Clone()
            : new long[table.PartitionCount];
        for (var i = 0; i < total.Length; i++)
        {
            total[i] = Math.Max(0, total[i]); // a partition that is new here starts counting now
        }

        ConsumerProgress.AddTo(total, before.Value, after, table);
        return this with { Consumed = Consumed.Push(at, total, ConsumeSpan) };
    }

    /// <summary>Learns bytes per message from how the leaders' logs grew since the last measurement.</summary>
    /// <param name="ids">Kafka node id of each broker index.</param>
    /// <param name="at">When the sizes were read.</param>
    public PartitionWindows ObserveSizes(PartitionTable table, LoadTable load, ReadOnlySpan<int> ids, DateTimeOffset at)
    {
        var now = at.ToUnixTimeMilliseconds();
        var count = table.PartitionCount;
        var next = PartitionCount == count
            ? this with
            {
                BytesPerMessage = (float[])BytesPerMessage.Clone(),
                IsMeasured = (bool[])IsMeasured.Clone(),
                BaseBytes = (long[])BaseBytes.Clone(),
                BaseEnd = (long[])BaseEnd.Clone(),
                BaseStart = (long[])BaseStart.Clone(),
                BaseLeader = (int[])BaseLeader.Clone(),
            }
            : this with
            {
                BytesPerMessage = Remapping.Filled(count, float.NaN),
                IsMeasured = new bool[count],
                BaseBytes = Remapping.Filled(count, -1L),
                BaseEnd = Remapping.Filled(count, -1L),
                BaseStart = Remapping.Filled(count, -1L),
                BaseLeader = Remapping.Filled(count, -1),
            };
        for (var p = 0; p < count; p++)
        {
            var slot = LeaderSlot(table, p);
            if (slot >= 0 && load.ReplicaBytes[slot] >= 0 && EndAt(now, load, p) is >= 0 and var end)
            {
                next.Measure(p, load.ReplicaBytes[slot], end, load.LogStartOffset[p], ids[table.Leader[p]]);
            }
        }

        return next;
    }

    /// <summary>Records a second; where nobody was asked this time, as before.</summary>
    public float[] MessagesIn(int partitions, float[] before) => Sized(Ends.Rates(before), partitions);

    public float[] BytesIn(float[] messagesIn) => Times(messagesIn);

    public float[] BytesOut(int partitions) => Times(Sized(Consumed.Rates(), partitions));

    private float[] Times(float[] messages)
    {
        var bytes = new float[messages.Length];
        var known = PartitionCount == messages.Length;
        for (var p = 0; p < bytes.Length; p++)
        {
            // Nothing appended is nothing in, whatever a record would weigh.
            bytes[p] = messages[p] == 0 ? 0 : known ? messages[p] * BytesPerMessage[p] : float.NaN;
        }

        return bytes;
    }

    /// <summary>Where a log ended when its size was read; -1: not known. Partitions that nobody reads are asked for their end less often than for their size.</summary>
    private static long EndAt(long now, LoadTable load, int p)
    {
        var (end, age) = (load.LogEndOffset[p], now - load.LogEndAt[p]);
        var rate = p < load.MessagesIn.Length ? load.MessagesIn[p] : float.NaN;
        return end < 0 || age > CarriedOn.TotalMilliseconds ? -1
            : float.IsFinite(rate) && rate >= 0 ? end + (long)(rate * Math.Max(0, age) / 1_000)
            : age <= Together.TotalMilliseconds ? end : -1;
    }

    private void Measure(int p, long bytes, long end, long start, int leader)
    {
        var appended = end - BaseEnd[p];
        var grown = bytes - BaseBytes[p];
        var sameLog = BaseLeader[p] == leader && BaseBytes[p] >= 0 && appended >= 0 && grown >= 0 && start == BaseStart[p];
        if (sameLog && appended == 0)
        {
            return; // nothing to learn; keep the base, so that growth seen ahead of its offsets is not lost
        }

        if (sameLog && grown > 0)
        {
            var sample = (float)((double)grown / appended);
            BytesPerMessage[p] = IsMeasured[p] ? (BytesPerMessage[p] + sample) / 2 : sample;
            IsMeasured[p] = true;
        }
        else if (!IsMeasured[p] && start >= 0 && end > start && bytes > 0)
        {
            BytesPerMessage[p] = (float)((double)bytes / (end - start));
        }

        (BaseBytes[p], BaseEnd[p], BaseStart[p], BaseLeader[p]) = (bytes, end, start, leader);
    }

    private static int LeaderSlot(PartitionTable table, int partition)
    {
        var leader = table.Leader[partition];
        if (leader < 0)
        {
            return -1;
        }

        var offset = table.ReplicasOf(partition).IndexOf(leader);
        return offset < 0 ? -1 : table.ReplicaStart[partition] + offset;
    }

    private static float[] Sized(float[] rates, int partitions) =>
        rates.Length == partitions ? rates : Remapping.Filled(partitions, float.NaN);
}
