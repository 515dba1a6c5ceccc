using System.Collections.Immutable;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Lag.Store;

/// <summary>Windows on their way into another shard, or into memory and back.</summary>
public sealed partial class LagShard
{
    /// <summary>
    /// Takes over the windows of a shard on the same end offsets. Times become those of our clock, as polls have them. Orders become times: those of
    /// the other are places in a log that is not read here.
    /// </summary>
    /// <param name="other">Whose windows.</param>
    /// <param name="skewOf">How far our clock is ahead of the one that stamped a group's commits, in ms.</param>
    public void TakeOver(LagShard other, Func<string, long> skewOf)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(other._options.Slots)]);
        lock (other._gate)
        {
            for (var row = 0; row < other._rows.Chunks.Count * RowChunk.Rows; row++)
            {
                var (chunk, i) = (other._rows.ChunkOf(row), row & RowChunk.Mask);
                if (chunk.Count[i] > 0)
                {
                    var (count, group) = (other._rows.Read(row, copy), other._groups.NameOf(chunk.Group[i])!);
                    var skew = skewOf(group);
                    for (var at = 0; at < count; at++)
                    {
                        copy.Times[at] += skew;
                        copy.Orders[at] = Math.Max(at == 0 ? 0 : copy.Orders[at - 1] + 1, copy.Times[at]);
                    }

                    Put(group, _ends.NameOf(chunk.Topic[i]), chunk.Partition[i], copy, count, chunk.Learned[i]);
                }
            }
        }
    }

    /// <summary>Writes one window, to be put into another shard later; an empty one where nothing is known.</summary>
    /// <param name="place">Position in the offsets topic, which orders are near to.</param>
    internal void Remember(MemoryWriter to, string group, string topic, int partition, long place)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(_options.Slots)]);
        lock (_gate)
        {
            var row = FindRow(group, topic, partition);
            WindowCodec.Write(to, copy, row < 0 ? 0 : _rows.Read(row, copy), row < 0 ? default : _rows.ChunkOf(row).Learned[row & RowChunk.Mask], place);
        }
    }

    /// <summary>Writes the windows of the group at a place, its name first; nothing where none is there.</summary>
    internal void RememberGroup(MemoryWriter to, int place)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(_options.Slots)]);
        lock (_gate)
        {
            if (place >= _groups.Places || _groups.NameOf(place) is not { } name)
            {
                return;
            }

            to.Text(name);
            to.Count(_groups.RowsOf(place));
            for (var row = _groups.HeadOf(place); row >= 0; row = _rows.ChunkOf(row).Next[row & RowChunk.Mask])
            {
                var (chunk, i) = (_rows.ChunkOf(row), row & RowChunk.Mask);
                to.Text(_ends.NameOf(chunk.Topic[i]));
                to.Count(chunk.Partition[i]);
                WindowCodec.Write(to, copy, _rows.Read(row, copy), chunk.Learned[i], 0);
            }
        }
    }

    /// <summary>Where a group stands on each partition that it has committed on, in the order of <see cref="ConsumerProgress.Compare"/>.</summary>
    public ImmutableArray<CommittedOffset> OffsetsOf(string group)
    {
        var offsets = ImmutableArray.CreateBuilder<CommittedOffset>();
        lock (_gate)
        {
            for (var row = _groups.Find(group) is >= 0 and var id ? _groups.HeadOf(id) : -1; row >= 0; row = _rows.ChunkOf(row).Next[row & RowChunk.Mask])
            {
                var (chunk, i) = (_rows.ChunkOf(row), row & RowChunk.Mask);
                offsets.Add(new CommittedOffset(_ends.NameOf(chunk.Topic[i]), chunk.Partition[i], _rows.Newest(row).Offset));
            }
        }

        offsets.Sort(ConsumerProgress.Compare);
        return offsets.DrainToImmutable();
    }

    /// <summary>Reads one window that <see cref="Remember"/> wrote, and keeps it unless there is one already.</summary>
    internal void Recall(ref MemoryReader from, string group, string topic, int partition, long place)
    {
        var copy = new RowCopy(stackalloc long[WindowCodec.Space]);
        var count = WindowCodec.Read(ref from, copy, out var learned, place);
        if (count > 0)
        {
            Put(group, topic, partition, copy, count, learned);
        }
    }

    private void Put(string group, string topic, int partition, in RowCopy copy, int count, Learned learned)
    {
        var topicId = _ends.IdOf(topic);
        lock (_gate)
        {
            var groupId = _groups.FindOrAdd(group);
            if (_index.Find(groupId, topicId, partition) < 0)
            {
                var row = Add(groupId, topicId, partition);
                _rows.Write(row, copy, count);
                _rows.ChunkOf(row).Learned[row & RowChunk.Mask] = learned;
            }
        }
    }
}
