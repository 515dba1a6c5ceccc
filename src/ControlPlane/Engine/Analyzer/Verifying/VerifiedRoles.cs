using System.Text.RegularExpressions;

namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>Who may receive, lead and be moved, read anew from model and wish: the verifier shares nothing with the search.</summary>
internal sealed class VerifiedRoles
{
    private readonly OptimizerModel _model;
    private readonly bool[] _reassigning;

    /// <summary>By slot whether it is lost with nobody asking for it; empty: none is.</summary>
    private readonly bool[] _spared = [];

    public VerifiedRoles(OptimizerModel model, OptimizerWish wish)
    {
        _model = model;
        var named = wish.Brokers.ToHashSet();
        var (noReplicas, noLeaders) = (wish.NoReplicasOnto.ToHashSet(), wish.NoLeadersOnto.ToHashSet());
        (Alive, CanReceive, CanLead, IsDemoted) = (new bool[model.Brokers], new bool[model.Brokers], new bool[model.Brokers], new bool[model.Brokers]);
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            var (id, condition) = (model.BrokerIds[broker], model.Conditions[broker]);
            var isDemoted = condition == BrokerCondition.Demoted || (wish.Mode == OptimizerMode.DemoteBrokers && named.Contains(id));
            Alive[broker] = condition != BrokerCondition.Dead && !(wish.Mode == OptimizerMode.RemoveBrokers && named.Contains(id));
            IsDemoted[broker] = isDemoted;
            CanReceive[broker] = Alive[broker] && condition != BrokerCondition.Excluded && !noReplicas.Contains(id);
            CanLead[broker] = Alive[broker] && condition != BrokerCondition.Excluded && !isDemoted && !noLeaders.Contains(id);
        }

        IsDestination = Destinations(model, wish, named);
        Rack = Numbered(Enumerable.Range(0, model.Brokers).Select(broker => string.IsNullOrEmpty(model.Racks[broker]) ? $"host {model.Hosts[broker]}" : $"rack {model.Racks[broker]}"));
        LivingRacks = new HashSet<int>(Enumerable.Range(0, model.Brokers).Where(broker => Alive[broker]).Select(broker => Rack[broker])).Count;
        (_reassigning, IsHeld) = Held(model, wish);
        (Sets, TopicSets) = BrokerSets(model, wish);
        HasNewFactor = wish.Mode == OptimizerMode.ReplicationFactor ? Matches(model, wish.Topics) : new bool[model.Topics.Length];
        IsMinLed = Matches(model, wish.MinLeadersTopics);
        _spared = wish.Mode == OptimizerMode.FixOffline && named.Count > 0 ? Spared(named) : [];
    }

    public bool[] Alive { get; }

    public bool[] CanReceive { get; }

    public bool[] CanLead { get; }

    /// <summary>Who has to give its leadership away.</summary>
    public bool[] IsDemoted { get; }

    public bool[] IsDestination { get; }

    public int[] Rack { get; }

    public int LivingRacks { get; }

    /// <summary>By partition whether only its lost replicas may be replaced.</summary>
    public bool[] IsHeld { get; }

    /// <summary>By topic whether its replication factor is to change.</summary>
    public bool[] HasNewFactor { get; }

    /// <summary>By topic whether every broker shall lead some of it.</summary>
    public bool[] IsMinLed { get; }

    /// <summary>By broker; empty: no sets.</summary>
    public int[] Sets { get; }

    public int[] TopicSets { get; }

    public bool IsReassigning(int partition) => _reassigning[partition];

    /// <summary>Whether the replica can't stay: its broker or its log dir is gone, or the broker shall be emptied.</summary>
    public bool IsLost(int slot) => (!Alive[_model.Broker[slot]] || IsOffline(slot)) && (_spared.Length == 0 || !_spared[slot]);

    public bool IsOffline(int slot) =>
        (_model.Marks.Length > 0 && _model.Marks[slot].Has(ReplicaMarks.Offline))
        || (_model.Dir.Length > 0 && _model.Dir[slot] >= 0 && !_model.DirAlive[_model.Dir[slot]]);

    public static bool[] Matches(OptimizerModel model, string? pattern)
    {
        if (string.IsNullOrEmpty(pattern))
        {
            return new bool[model.Topics.Length];
        }

        var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return [.. model.Topics.Select(topic => regex.IsMatch(topic))];
    }

    /// <summary>Partitions that lost nothing on a broker that is asked about.</summary>
    private bool[] Spared(HashSet<int> named)
    {
        var spared = new bool[_model.Slots];
        for (var partition = 0; partition < _model.Partitions; partition++)
        {
            var slots = Enumerable.Range(_model.Start[partition], _model.ReplicasOf(partition));
            var isMeant = slots.Any(slot => IsLost(slot) && named.Contains(_model.BrokerIds[_model.Broker[slot]]));
            spared.AsSpan(_model.Start[partition].._model.Start[partition + 1]).Fill(!isMeant);
        }

        return spared;
    }

    private static bool[] Destinations(OptimizerModel model, OptimizerWish wish, HashSet<int> named)
    {
        var only = wish.Destinations.ToHashSet();
        if (wish is { Mode: OptimizerMode.AddBrokers, OnlyOntoNamed: true })
        {
            only = named.Count > 0 ? named : [.. model.BrokerIds.Where((_, broker) => model.Conditions[broker] == BrokerCondition.New)];
        }

        return [.. model.BrokerIds.Select(id => only.Count == 0 || only.Contains(id))];
    }

    private static (bool[] Reassigning, bool[] Held) Held(OptimizerModel model, OptimizerWish wish)
    {
        var (excluded, immovable) = (Matches(model, wish.ExcludedTopics), wish.Immovable.IsEmpty ? [] : wish.Immovable.ToHashSet());
        var (reassigning, held) = (new bool[model.Partitions], new bool[model.Partitions]);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1] && model.Marks.Length > 0; slot++)
            {
                reassigning[partition] |= (model.Marks[slot] & (ReplicaMarks.Adding | ReplicaMarks.Removing | ReplicaMarks.Staying)) != ReplicaMarks.None;
            }

            held[partition] = reassigning[partition] || excluded[model.Topic[partition]]
                || (immovable.Count > 0 && immovable.Contains((model.Topics[model.Topic[partition]], model.Number[partition])));
        }

        return (reassigning, held);
    }

    /// <summary>A topic belongs where most of its replicas lie; where none lies in any, nothing is judged.</summary>
    private static (int[] Brokers, int[] Topics) BrokerSets(OptimizerModel model, OptimizerWish wish)
    {
        if (wish.BrokerSets.IsEmpty)
        {
            return ([], []);
        }

        var names = wish.BrokerSets.Values.Distinct().Order(StringComparer.Ordinal).ToList();
        int[] sets = [.. model.BrokerIds.Select(id => names.IndexOf(wish.BrokerSets[id]))];
        var counts = new int[model.Topics.Length, names.Count];
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                counts[model.Topic[partition], sets[model.Broker[slot]]]++;
            }
        }

        return (sets, [.. Enumerable.Range(0, model.Topics.Length).Select(topic => Enumerable.Range(0, names.Count).MaxBy(set => counts[topic, set]))]);
    }

    private static int[] Numbered(string[] names)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return names.Select(name => numbers.TryGetValue(name, out var known) ? known : numbers[name] = numbers.Count);
    }
}
