using ControlPlane.Engine.Lag.Memory;

namespace ControlPlane.Engine.Lag.Store;

/// <summary>Windows on their way into another shard, or into memory and back.</summary>
public sealed partial class LagShard
{
    /// <summary>Takes over the windows of a shard on the same end offsets. Orders become times: those of the other are places in a log that is not read here.</summary>
    public void TakeOver(LagShard other)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(other._options.Slots)]);
        lock (other._gate)
        {
            for (var row = 0; row < other._rows.Chunks.Count * RowChunk.Rows; row++)
            {
                var (chunk, i) = (other._rows.ChunkOf(row), row & RowChunk.Mask);
                if (chunk.Count[i] > 0)
                {
                    var count = other._rows.Read(row, copy);
                    for (var at = 0; at < count; at++)
                    {
                        copy.Orders[at] = Math.Max(at == 0 ? 0 : copy.Orders[at - 1] + 1, copy.Times[at]);
                    }

                    Put(other._groups.NameOf(chunk.Group[i])!, _ends.NameOf(chunk.Topic[i]), chunk.Partition[i], copy, count, chunk.LongestWait[i]);
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
            WindowCodec.Write(to, copy, row < 0 ? 0 : _rows.Read(row, copy), row < 0 ? 0 : _rows.ChunkOf(row).LongestWait[row & RowChunk.Mask], place);
        }
    }

    /// <summary>Reads one window that <see cref="Remember"/> wrote, and keeps it unless there is one already.</summary>
    internal void Recall(ref MemoryReader from, string group, string topic, int partition, long place)
    {
        var copy = new RowCopy(stackalloc long[WindowCodec.Space]);
        var count = WindowCodec.Read(ref from, copy, out var longestWait, place);
        if (count > 0)
        {
            Put(group, topic, partition, copy, count, longestWait);
        }
    }

    private void Put(string group, string topic, int partition, in RowCopy copy, int count, uint longestWait)
    {
        var topicId = _ends.IdOf(topic);
        lock (_gate)
        {
            var groupId = _groups.FindOrAdd(group);
            if (_index.Find(groupId, topicId, partition) < 0)
            {
                var row = Add(groupId, topicId, partition);
                _rows.Write(row, copy, count);
                _rows.ChunkOf(row).LongestWait[row & RowChunk.Mask] = longestWait;
            }
        }
    }
}
