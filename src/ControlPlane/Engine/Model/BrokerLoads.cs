namespace ControlPlane.Engine.Model;

/// <summary>Adds the measured rates of partitions up to the brokers that carry them.</summary>
public static class BrokerLoads
{
    public static BrokerLoad[] Of(PartitionTable table, LoadTable load, int brokers)
    {
        var sums = new Sum[brokers];
        for (var p = 0; p < load.BytesIn.Length; p++)
        {
            AddPartition(sums, table, load, p);
        }

        var loads = new BrokerLoad[brokers];
        for (var i = 0; i < brokers; i++)
        {
            loads[i] = sums[i].ToLoad();
        }

        return loads;
    }

    /// <summary>Sum of the values that are known; null where none is.</summary>
    public static double? SumKnown(ReadOnlySpan<float> values)
    {
        var (sum, known) = (0.0, 0);
        foreach (var value in values)
        {
            if (!float.IsNaN(value))
            {
                sum += value;
                known++;
            }
        }

        return known == 0 ? null : sum;
    }

    private static void AddPartition(Sum[] sums, PartitionTable table, LoadTable load, int p)
    {
        var (leader, bytesIn) = (table.Leader[p], load.BytesIn[p]);
        var isKnown = !float.IsNaN(bytesIn);
        var followers = 0;
        for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1]; slot++)
        {
            var broker = table.ReplicaBroker[slot];
            sums[broker].Hosted++;
            sums[broker].Measured += isKnown ? 1 : 0;
            if (broker != leader && isKnown && table.ReplicaFlags[slot].Has(ReplicaFlags.InSync))
            {
                sums[broker].FollowerBytesIn += bytesIn;
                followers++;
            }
        }

        if (leader < 0)
        {
            return;
        }

        sums[leader].Leads++;
        if (isKnown)
        {
            sums[leader].LeaderBytesIn += bytesIn;
            sums[leader].ReplicationBytesOut += bytesIn * followers;
            sums[leader].MeasuredLeads++;
        }

        if (!float.IsNaN(load.MessagesIn[p]))
        {
            sums[leader].MessagesIn += load.MessagesIn[p];
            sums[leader].CountedLeads++;
        }

        if (!float.IsNaN(load.BytesOut[p]))
        {
            sums[leader].BytesOut += load.BytesOut[p];
            sums[leader].ConsumedLeads++;
        }
    }

    private struct Sum
    {
        public double LeaderBytesIn;
        public double FollowerBytesIn;
        public double MessagesIn;
        public double BytesOut;
        public double ReplicationBytesOut;
        public int Hosted;
        public int Measured;
        public int Leads;
        public int MeasuredLeads;
        public int CountedLeads;
        public int ConsumedLeads;

        /// <summary>A sum over partitions of which none is known is unknown; over no partitions at all it is 0.</summary>
        public readonly BrokerLoad ToLoad() => new(
            Leads == 0 || MeasuredLeads > 0 ? LeaderBytesIn : double.NaN,
            Hosted == Leads || Measured > MeasuredLeads ? FollowerBytesIn : double.NaN,
            Leads == 0 || CountedLeads > 0 ? MessagesIn : double.NaN,
            Leads == 0 || ConsumedLeads > 0 ? BytesOut : double.NaN,
            Leads == 0 || MeasuredLeads > 0 ? ReplicationBytesOut : double.NaN,
            Hosted == 0 ? 1 : (double)Measured / Hosted);
    }
}
