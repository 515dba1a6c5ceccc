using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>A small cluster whose goals can be counted by hand: three brokers of capacity 100 (disk 1,000), each on its own rack and host.</summary>
internal static class GoalTable
{
    /// <param name="lists">Replicas of each partition as broker indices, the leader first, a topic a word: "01 12|0" is a topic of two partitions and one of one.</param>
    /// <param name="size">Bytes of each partition's replica.</param>
    /// <param name="rate">Bytes per second into each, and out of each.</param>
    /// <param name="cpu">Percent as leader; followers take a tenth.</param>
    /// <param name="racks">One letter per broker.</param>
    public static OptimizerModel Cluster(string lists = "01 12 20", double size = 100, double rate = 10, double cpu = 10, string racks = "abc")
    {
        var topics = lists.Split('|').Select(topic => topic.Split(' ').Select(list => list.Select(letter => letter - '0').ToArray()).ToArray()).ToArray();
        var partitions = topics.SelectMany((topic, index) => topic.Select((list, number) => (Topic: index, Number: number, List: list))).ToArray();
        var start = new int[partitions.Length + 1];
        for (var partition = 0; partition < partitions.Length; partition++)
        {
            start[partition + 1] = start[partition] + partitions[partition].List.Length;
        }

        var brokers = racks.Length;
        return new OptimizerModel
        {
            Name = "table",
            BrokerIds = [.. Enumerable.Range(1, brokers)],
            Racks = [.. racks.Select(letter => letter.ToString())],
            Hosts = [.. Enumerable.Range(1, brokers).Select(id => $"h{id}")],
            Conditions = new BrokerCondition[brokers],
            Capacity = [.. Enumerable.Range(0, brokers).SelectMany(_ => new double[] { 100, 100, 100, 1000 })],
            DiskForeign = new double[brokers],
            DirStart = new int[brokers + 1],
            DirPaths = [],
            DirCapacity = [],
            DirAlive = [],
            Topics = [.. topics.Select((_, index) => $"t{index}")],
            Topic = [.. partitions.Select(one => one.Topic)],
            Number = [.. partitions.Select(one => one.Number)],
            Start = start,
            Broker = [.. partitions.SelectMany(one => one.List)],
            Dir = [],
            Lead = start[..^1],
            Loads = [.. partitions.SelectMany(_ => new[] { cpu, cpu / 10, rate, rate, size })],
        };
    }

    /// <summary>How many the goal finds outside before a plan.</summary>
    public static GoalOutcome Before(OptimizerModel model, string goal, OptimizerWish? wish = null) =>
        Optimizer.Run(model, (wish ?? OptimizerWish.Rebalance) with { Goals = [goal] }, null, CancellationToken.None).Goals.First(one => one.Goal == goal);
}
