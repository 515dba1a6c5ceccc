using ControlPlane.Engine.Analyzer.Incremental;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Makes a problem of a model and a wish: who may receive and lead, what has to move, what must stay.</summary>
internal static class ProblemBuilder
{
    public static OptimizerProblem Build(OptimizerModel model, OptimizerWish wish, PreparedModel? prepared = null)
    {
        WishRules.Check(model, wish);
        var roles = new BrokerRoles(model, wish);
        var slots = Layout(model, wish, roles);
        var excluded = WishRules.Matches(model, "excludedTopics", wish.ExcludedTopics);
        var movable = new bool[model.Partitions];
        for (var partition = 0; partition < movable.Length; partition++)
        {
            movable[partition] = !excluded[model.Topic[partition]] && !slots.IsReassigning(partition);
        }

        HoldImmovable(model, wish, movable);
        var arrays = Arrays(model, wish, roles, slots);
        var problem = new OptimizerProblem
        {
            Model = model,
            Wish = wish,
            Arrays = arrays,
            First = slots.IsOfModel ? prepared?.First : null,
            ModelSlot = slots.ModelSlot,
            IsMovable = movable,
            MustMove = slots.MustMove,
            Stuck = slots.Stuck,
            MayNotLead = slots.MayNotLead,
            IsDemoted = roles.IsDemoted,
            Goals = GoalCatalog.Asked(wish),
        };
        Note(problem, slots);
        return problem;
    }

    private static SlotLayout Layout(OptimizerModel model, OptimizerWish wish, BrokerRoles roles)
    {
        if (wish.Mode != OptimizerMode.ReplicationFactor)
        {
            return new SlotLayout(model, wish, roles, null, new HashSet<int>());
        }

        // Which replicas to drop is judged by the bands of the cluster that is left, so a first choice is made without them.
        var topics = WishRules.Matches(model, "topics", wish.Topics);
        var drops = ReplicaDrops.Choose(model, roles, topics, wish.ReplicationFactor, null);
        var layout = new SlotLayout(model, wish, roles, topics, drops);
        if (drops.Count == 0)
        {
            return layout;
        }

        var whole = new SlotLayout(model, wish, roles, topics, new HashSet<int>());
        var placement = new Placement(Arrays(model, wish, roles, whole));
        placement.Judge(GoalCatalog.Shape(new Placement(Arrays(model, wish, roles, layout)), wish.Bands));
        drops = ReplicaDrops.Choose(model, roles, topics, wish.ReplicationFactor, (placement, whole));
        return new SlotLayout(model, wish, roles, topics, drops);
    }

    private static PlacementArrays Arrays(OptimizerModel model, OptimizerWish wish, BrokerRoles roles, SlotLayout slots)
    {
        var (sets, topicSets) = BrokerSets.Of(model, wish);
        return new PlacementArrays
        {
            Topic = model.Topic,
            Start = slots.Start,
            Lead = slots.Lead,
            Loads = new(model.Loads),
            Current = slots.Broker,
            Alive = roles.Alive,
            CanReceive = roles.CanReceive,
            CanLead = roles.CanLead,
            Rack = Numbered([.. model.Racks.Select((rack, index) => string.IsNullOrEmpty(rack) ? $"\0{model.Hosts[index]}" : rack), "\0\0"]),
            Host = HostNumbers.Of(model),
            DiskCapacity = [.. Enumerable.Range(0, model.Brokers).Select(broker => model.Capacity[(broker * 4) + Lane.Disk]), double.NaN],
            DiskForeign = [.. model.DiskForeign, 0],
            Capacity = [.. Enumerable.Range(0, model.Brokers).SelectMany(broker => model.Capacity[(broker * 4)..((broker * 4) + 3)]), double.NaN, double.NaN, double.NaN],
            BrokerSet = sets,
            TopicSet = topicSets,
            IsDestination = roles.IsDestination,
            MinLeaders = MinLeaders(model, wish, roles),
            Topics = model.Topics.Length,
        };
    }

    private static int[] MinLeaders(OptimizerModel model, OptimizerWish wish, BrokerRoles roles)
    {
        if (string.IsNullOrEmpty(wish.MinLeadersTopics))
        {
            return [];
        }

        var least = new int[model.Topics.Length];
        var matches = WishRules.Matches(model, "minLeadersTopics", wish.MinLeadersTopics);
        var partitions = new int[least.Length];
        foreach (var topic in model.Topic)
        {
            partitions[topic]++;
        }

        // 0 asks for as many as there are for each (Cruise Control's min.topic.leaders.per.broker).
        var leading = Math.Max(1, roles.CanLead.Count(may => may));
        for (var topic = 0; topic < least.Length; topic++)
        {
            least[topic] = !matches[topic] ? 0 : wish.MinLeaders > 0 ? wish.MinLeaders : partitions[topic] / leading;
        }

        return least;
    }

    private static void HoldImmovable(OptimizerModel model, OptimizerWish wish, bool[] movable)
    {
        if (wish.Immovable.IsEmpty)
        {
            return;
        }

        var held = wish.Immovable.ToHashSet();
        for (var partition = 0; partition < movable.Length; partition++)
        {
            movable[partition] &= !held.Contains((model.Topics[model.Topic[partition]], model.Number[partition]));
        }
    }

    private static int[] Numbered(string[] names)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return names.Select(name => numbers.TryGetValue(name, out var known) ? known : numbers[name] = numbers.Count);
    }

    private static void Note(OptimizerProblem problem, SlotLayout slots)
    {
        if (problem.Model.IsEstimated.Count(estimated => estimated) is > 0 and var estimated)
        {
            problem.Notes.Add($"The load of {PlanWords.Count(estimated, "partition")} was not measured; it counts as the mean of its topic, else of the cluster.");
        }

        if (slots.Reassigning > 0)
        {
            problem.Notes.Add($"{PlanWords.Count(slots.Reassigning, "partition")} are being reassigned: they count where they go, what they leave occupies its disk until then, and they are not moved again.");
        }
    }
}
