namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Writes partition lines, as they are or as a plan leaves them.</summary>
internal sealed class PartitionLineWriter(OptimizerModel model, LineWriter lines)
{
    private const int Unknown = -1;

    private readonly List<int> _brokers = [];
    private readonly List<int> _dirs = [];

    /// <summary>Slot of the model that each place comes from; -1: a new copy.</summary>
    private readonly List<int> _slots = [];

    public void WriteAsItIs(int partition)
    {
        Clear();
        for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
        {
            _brokers.Add(model.Broker[slot]);
            _dirs.Add(model.Dir.Length > 0 ? model.Dir[slot] : Unknown);
            _slots.Add(slot);
        }

        Write(partition, model.Lead[partition] < 0 ? Unknown : model.Broker[model.Lead[partition]], isDone: false);
    }

    public void WriteAfter(PartitionChange change)
    {
        Clear();
        var partition = change.Partition;
        for (var place = 0; place < change.After.Length; place++)
        {
            var broker = change.After[place];
            var at = model.Broker.AsSpan(model.Start[partition], model.ReplicasOf(partition)).IndexOf(broker);
            var slot = at < 0 ? Unknown : model.Start[partition] + at;
            var asked = change.DirsAfter.IsDefaultOrEmpty ? Unknown : change.DirsAfter[place];
            _brokers.Add(broker);
            _dirs.Add(asked >= 0 || slot < 0 || model.Dir.Length == 0 ? asked : model.Dir[slot]);
            _slots.Add(slot);
        }

        Write(partition, change.LeaderAfter, isDone: true);
    }

    private void Clear()
    {
        _brokers.Clear();
        _dirs.Clear();
        _slots.Clear();
    }

    private void Write(int partition, int leader, bool isDone)
    {
        var json = lines.Begin("partition");
        json.WriteString("topic", model.Topics[model.Topic[partition]]);
        json.WriteNumber("partition", model.Number[partition]);
        json.WriteStartArray("replicas");
        foreach (var broker in _brokers)
        {
            json.WriteNumberValue(model.BrokerIds[broker]);
        }

        json.WriteEndArray();
        json.WriteNumber("leader", leader < 0 ? -1 : model.BrokerIds[leader]);
        WriteDirs();
        WriteLoads(partition);
        if (model.MinInSync.Length > 0 && model.MinInSync[model.Topic[partition]] >= 0)
        {
            json.WriteNumber("minInSync", model.MinInSync[model.Topic[partition]]);
        }

        if (model.Marks.Length > 0)
        {
            WriteMarks(isDone);
        }

        lines.End();
    }

    private void WriteDirs()
    {
        if (_dirs.TrueForAll(dir => dir < 0))
        {
            return;
        }

        lines.Json.WriteStartArray("logDirs");
        foreach (var dir in _dirs)
        {
            if (dir < 0)
            {
                lines.Json.WriteNullValue();
            }
            else
            {
                lines.Json.WriteStringValue(model.DirPaths[dir]);
            }
        }

        lines.Json.WriteEndArray();
    }

    private void WriteLoads(int partition)
    {
        var load = model.Loads.AsSpan(partition * LoadOf.Count, LoadOf.Count);
        lines.Amount("size", load[LoadOf.Size]);
        lines.Amount("bytesIn", load[LoadOf.BytesIn]);
        lines.Amount("bytesOut", load[LoadOf.BytesOut]);
        lines.Amount("cpu", load[LoadOf.Cpu]);
        if (!load[LoadOf.FollowerCpu].Equals(LoadOf.FollowerCpuOf(load[LoadOf.Cpu], load[LoadOf.BytesIn], load[LoadOf.BytesOut])))
        {
            lines.Amount("followerCpu", load[LoadOf.FollowerCpu]);
        }

        if (model.IsEstimated.Length > 0 && model.IsEstimated[partition])
        {
            lines.Json.WriteBoolean("estimated", true);
        }
    }

    /// <summary>Once a plan is done, no reassignment runs any more.</summary>
    private void WriteMarks(bool isDone)
    {
        WriteMarked("outOfSync", ReplicaMarks.OutOfSync);
        WriteMarked("offline", ReplicaMarks.Offline);
        if (!isDone)
        {
            WriteMarked("adding", ReplicaMarks.Adding);
            WriteMarked("removing", ReplicaMarks.Removing);
        }
    }

    private void WriteMarked(string field, ReplicaMarks mark)
    {
        if (!_slots.Exists(IsMarked))
        {
            return;
        }

        lines.Json.WriteStartArray(field);
        foreach (var slot in _slots.Where(IsMarked))
        {
            lines.Json.WriteNumberValue(model.BrokerIds[model.Broker[slot]]);
        }

        lines.Json.WriteEndArray();

        bool IsMarked(int slot) => slot >= 0 && model.Marks[slot].Has(mark);
    }
}
