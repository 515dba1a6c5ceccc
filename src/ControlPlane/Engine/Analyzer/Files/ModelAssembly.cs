namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Puts what the lines said into a model: topics by name, their partitions by number, whatever their order in the file.</summary>
internal static class ModelAssembly
{
    public static OptimizerModel Build(string name, DateTimeOffset? takenAt, BrokerTable brokers, PartitionLines lines)
    {
        var (topic, number) = (lines.Topic.ToArray(), lines.Number.ToArray());
        var columns = new Columns(lines, topic, number, lines.Start.ToArray(), lines.Lead.ToArray(), lines.Loads.ToArray(), lines.Broker.ToArray(), lines.Dir.ToArray(), lines.Marks.ToArray());
        var (topics, minInSync, wasEstimated) = (lines.Topics.ToArray(), lines.MinInSync.ToArray(), lines.Estimated);
        if (!IsOrdered(topics, topic, number))
        {
            var rank = RankTopics(topics, ref minInSync);
            Array.Sort(topics, StringComparer.Ordinal);
            var order = Order(rank, columns, topics);
            columns = columns.By(order, rank);
            wasEstimated = Moved(wasEstimated, order);
        }

        var isEstimated = Flags(columns.Topic.Length, wasEstimated, LoadEstimates.Fill(columns.Topic, columns.Loads));
        return Model(name, takenAt, brokers) with
        {
            Topics = topics,
            Topic = columns.Topic,
            Number = columns.Number,
            Start = [.. columns.Start, columns.Broker.Length],
            Broker = columns.Broker,
            Dir = columns.Dir,
            Lead = Slots(columns.Start, columns.Lead),
            Loads = columns.Loads,
            Marks = columns.Marks,
            IsEstimated = isEstimated,
            MinInSync = Array.TrueForAll(minInSync, min => min < 0) ? [] : Array.ConvertAll(minInSync, min => Math.Max(min, -1)),
        };
    }

    private static OptimizerModel Model(string name, DateTimeOffset? takenAt, BrokerTable brokers) => new()
    {
        Name = name,
        TakenAt = takenAt,
        BrokerIds = brokers.Ids,
        Racks = Array.ConvertAll(brokers.Rows, row => row.Rack),
        Hosts = Array.ConvertAll(brokers.Rows, row => row.Host ?? $"broker-{row.Id}"),
        Conditions = Array.ConvertAll(brokers.Rows, row => row.Condition),
        Capacity = [.. brokers.Rows.SelectMany(row => row.Capacity)],
        DiskForeign = Array.ConvertAll(brokers.Rows, row => row.DiskForeign),
        DirStart = brokers.DirStart,
        DirPaths = [.. brokers.Rows.SelectMany(row => row.Dirs).Select(dir => dir.Path)],
        DirCapacity = [.. brokers.Rows.SelectMany(row => row.Dirs).Select(dir => dir.Capacity)],
        DirAlive = [.. brokers.Rows.SelectMany(row => row.Dirs).Select(dir => dir.IsAlive)],
        Topics = [],
        Topic = [],
        Number = [],
        Start = [],
        Broker = [],
        Dir = [],
        Lead = [],
        Loads = [],
    };

    private static bool IsOrdered(string[] topics, int[] topic, int[] number)
    {
        for (var index = 1; index < topics.Length; index++)
        {
            if (string.CompareOrdinal(topics[index - 1], topics[index]) >= 0)
            {
                return false;
            }
        }

        for (var partition = 1; partition < topic.Length; partition++)
        {
            if (topic[partition] < topic[partition - 1] || (topic[partition] == topic[partition - 1] && number[partition] <= number[partition - 1]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The place of each topic among all by name; what is known by topic follows.</summary>
    private static int[] RankTopics(string[] topics, ref int[] minInSync)
    {
        var byName = Enumerable.Range(0, topics.Length).ToArray();
        Array.Sort((string[])topics.Clone(), byName, StringComparer.Ordinal);
        var (rank, moved) = (new int[topics.Length], new int[topics.Length]);
        for (var place = 0; place < byName.Length; place++)
        {
            rank[byName[place]] = place;
            moved[place] = minInSync[byName[place]];
        }

        minInSync = moved;
        return rank;
    }

    private static int[] Order(int[] rank, Columns columns, string[] topics)
    {
        var keys = new long[columns.Topic.Length];
        var order = new int[keys.Length];
        for (var partition = 0; partition < keys.Length; partition++)
        {
            (keys[partition], order[partition]) = (((long)rank[columns.Topic[partition]] << 32) | (uint)columns.Number[partition], partition);
        }

        Array.Sort(keys, order);
        for (var place = 1; place < keys.Length; place++)
        {
            if (keys[place] == keys[place - 1])
            {
                var (one, other) = (columns.Lines.Line[order[place - 1]], columns.Lines.Line[order[place]]);
                throw new ModelFileException(
                    Math.Max(one, other), $"partition {topics[(int)(keys[place] >> 32)]}-{(int)keys[place]} is there already, in line {Math.Min(one, other)}", "each partition once");
            }
        }

        return order;
    }

    private static List<int> Moved(List<int> partitions, int[] order)
    {
        var was = partitions.ToHashSet();
        return [.. Enumerable.Range(0, order.Length).Where(place => was.Contains(order[place]))];
    }

    private static bool[] Flags(int partitions, List<int> one, List<int> other)
    {
        if (one.Count + other.Count == 0)
        {
            return [];
        }

        var flags = new bool[partitions];
        one.ForEach(partition => flags[partition] = true);
        other.ForEach(partition => flags[partition] = true);
        return flags;
    }

    private static int[] Slots(int[] start, int[] lead)
    {
        for (var partition = 0; partition < lead.Length; partition++)
        {
            lead[partition] = lead[partition] < 0 ? -1 : start[partition] + lead[partition];
        }

        return lead;
    }

    /// <summary>The columns as they were read; Lead counts from the partition's first replica.</summary>
    private sealed record Columns(
        PartitionLines Lines, int[] Topic, int[] Number, int[] Start, int[] Lead, double[] Loads, int[] Broker, int[] Dir, ReplicaMarks[] Marks)
    {
        public Columns By(int[] order, int[] rank)
        {
            var (topic, number, start, lead) = (new int[order.Length], new int[order.Length], new int[order.Length], new int[order.Length]);
            var (loads, broker, dir, marks) = (new double[Loads.Length], new int[Broker.Length], new int[Dir.Length], new ReplicaMarks[Marks.Length]);
            var slot = 0;
            for (var place = 0; place < order.Length; place++)
            {
                var partition = order[place];
                var (from, count) = (Start[partition], (partition + 1 < Start.Length ? Start[partition + 1] : Broker.Length) - Start[partition]);
                (topic[place], number[place], start[place], lead[place]) = (rank[Topic[partition]], Number[partition], slot, Lead[partition]);
                Loads.AsSpan(partition * LoadOf.Count, LoadOf.Count).CopyTo(loads.AsSpan(place * LoadOf.Count));
                Copy(Broker, broker);
                Copy(Dir, dir);
                Copy(Marks, marks);
                slot += count;

                void Copy<T>(T[] all, T[] sorted) => (all.Length == 0 ? [] : all.AsSpan(from, count)).CopyTo(sorted.AsSpan(all.Length == 0 ? 0 : slot));
            }

            return new Columns(Lines, topic, number, start, lead, loads, broker, dir, marks);
        }
    }
}
