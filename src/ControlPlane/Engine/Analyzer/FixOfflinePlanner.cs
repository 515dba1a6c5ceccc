using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Phase 1 of the optimizer: leaders away from lost replicas, then a new place for each lost replica, the largest first. Pure and without any
/// randomness: the same picture gives the same plan. Nothing else is moved.
/// </summary>
public static class FixOfflinePlanner
{
    /// <summary>A plan without a verdict has not been looked at; <see cref="PlanVerifier"/> always is, before anybody sees it.</summary>
    public static RebalancePlan Propose(ClusterModel model, FixOfflineOptions options, Guid id, DateTimeOffset at)
    {
        var run = new FixOfflineRun(model, options);
        run.Place();
        var moves = run.Moves();
        var plan = new RebalancePlan(id, model.Id, PlanMode.FixOffline, at, model.Generation)
        {
            KafkaClusterId = model.KafkaClusterId,
            LostBrokers = run.LostBrokers(),
            Moves = moves,
            Unplaced = run.Unplaced(),
            Limits = options.Limits,
            Brokers = BrokerChanges.Of(run, moves),
            Verdict = new PlanVerdict(false, []),
        };
        plan = plan with { Risks = PlanRisks.Of(run, plan) };
        return plan with { Verdict = PlanVerifier.Check(model, plan, options) };
    }
}

/// <summary>One run of the planner: the placement in work and what was decided on it.</summary>
internal sealed class FixOfflineRun
{
    private readonly string?[] _leftAlone;
    private readonly HashSet<int> _touched = [];

    public FixOfflineRun(ClusterModel model, FixOfflineOptions options)
    {
        (Model, Options) = (model, options);
        Lost = FixOfflineRules.LostReplicas(model, options.Brokers);
        Built = PlacementBuilder.Build(model, broker => options.MayReceive(model.Brokers[broker]));
        Placement.Judge(GoalCatalog.Shape(Placement, options.Bands with { CountNetwork = Built.RatesAreKnown }));
        _leftAlone = new string?[model.Partitions.PartitionCount];
        Compromises = new Compromise[Lost.Length];
    }

    public ClusterModel Model { get; }

    public FixOfflineOptions Options { get; }

    public BuiltPlacement Built { get; }

    public Placement Placement => Built.Placement;

    /// <summary>By slot.</summary>
    public bool[] Lost { get; }

    public Compromise[] Compromises { get; }

    public PartitionTable Table => Model.Partitions;

    public void Place()
    {
        Lift();
        var slots = Enumerable.Range(0, Lost.Length).Where(slot => Lost[slot]).ToArray();
        foreach (var partition in slots.Select(slot => Placement.Part[slot]).Distinct())
        {
            _leftAlone[partition] = WhyLeaveAlone(partition);
            if (_leftAlone[partition] is null)
            {
                _touched.Add(partition);
                MoveLeader(partition);
            }
        }

        var destinations = new Destinations(Placement);
        var bySize = slots.Where(slot => _touched.Contains(Placement.Part[slot]))
            .OrderByDescending(slot => Placement.DiskOf(Placement.Part[slot])).ThenBy(slot => slot).ToArray();
        foreach (var slot in bySize)
        {
            if (!_touched.Contains(Placement.Part[slot]))
            {
                continue; // another replica of it found no place
            }

            var broker = destinations.Find(slot, Lost, out Compromises[slot]);
            if (broker < 0)
            {
                GiveUp(Placement.Part[slot], destinations.HasCandidate(slot)
                    ? "no active broker without a replica of the partition has room for it"
                    : "every active broker that may receive holds a replica of the partition already");
                continue;
            }

            Placement.Move(slot, broker);
        }

        for (var slot = 0; slot < Lost.Length; slot++)
        {
            if (Placement.Current[slot] == Nowhere)
            {
                Placement.Move(slot, Table.ReplicaBroker[slot]);
            }
        }
    }

    public ImmutableArray<int> LostBrokers() =>
    [
        .. Enumerable.Range(0, Lost.Length).Where(slot => Lost[slot]).Select(slot => Model.Brokers[Table.ReplicaBroker[slot]].Id).Distinct().Order(),
    ];

    public ImmutableArray<UnplacedReplica> Unplaced() =>
    [
        .. from slot in Enumerable.Range(0, Lost.Length)
           where Lost[slot] && _leftAlone[Placement.Part[slot]] is not null
           let partition = Placement.Part[slot]
           select new UnplacedReplica(Topic(partition), Table.NumberOf(partition), Model.Brokers[Table.ReplicaBroker[slot]].Id, _leftAlone[partition]!),
    ];

    /// <summary>Least safe first, then least to copy: an interrupted plan has then done the most for its bytes. Nothing living gives room
    /// away, so no move waits for another's disk space.</summary>
    public ImmutableArray<PlannedMove> Moves() =>
    [
        .. _touched
            .OrderBy(partition => ClassOf(partition)).ThenBy(SurvivorsInSync).ThenBy(partition => Placement.DiskOf(partition)).ThenBy(partition => partition)
            .Select(Describe),
    ];

    public int SurvivorsInSync(int partition)
    {
        var count = 0;
        for (var slot = Table.ReplicaStart[partition]; slot < Table.ReplicaStart[partition + 1]; slot++)
        {
            count += !Lost[slot] && Table.ReplicaFlags[slot].HasFlag(ReplicaFlags.InSync) ? 1 : 0;
        }

        return count;
    }

    public int LostCount(int partition) =>
        Enumerable.Range(Table.ReplicaStart[partition], Table.ReplicaStart[partition + 1] - Table.ReplicaStart[partition]).Count(slot => Lost[slot]);

    public string Topic(int partition) => Table.TopicName[Table.Topic[partition]];

    private int Nowhere => Placement.Brokers - 1;

    /// <summary>What lies on a failed log dir takes no room on its broker's other ones.</summary>
    private void Lift()
    {
        for (var slot = 0; slot < Lost.Length; slot++)
        {
            if (Lost[slot] && FixOfflineRules.IsAlive(Model.Brokers[Table.ReplicaBroker[slot]]))
            {
                Placement.Move(slot, Nowhere);
            }
        }
    }

    private MoveClass ClassOf(int partition)
    {
        var state = PartitionCounts.StateOf(Table, partition);
        return state.IsOffline || state.IsUnderMinInSync == true ? MoveClass.DataAtRisk : MoveClass.Offline;
    }

    private string? WhyLeaveAlone(int partition)
    {
        if (Model.Reassigning?.Contains(partition) == true || Table.FlagsOf(partition).ContainsAnyExcept([ReplicaFlags.None, ReplicaFlags.InSync, ReplicaFlags.Offline]))
        {
            return "the partition is being reassigned already; wait until that is done or cancel it";
        }

        var survivors = Table.ReplicasOf(partition).Length - LostCount(partition);
        return survivors == 0 ? "every replica of the partition is lost: there is nothing to copy from. Bring one of its brokers back"
            : SurvivorsInSync(partition) == 0 ? "no surviving replica is in sync: the newest records are only on lost brokers. Bring one of them back"
            : null;
    }

    /// <summary>A lost preferred leader is followed by the surviving in-sync replica whose lead costs least; the one that leads now wins ties.</summary>
    private void MoveLeader(int partition)
    {
        var (start, end) = (Table.ReplicaStart[partition], Table.ReplicaStart[partition + 1]);
        var lead = Placement.Lead[partition];
        if (!Lost[start] && (lead < 0 || !Lost[lead]))
        {
            return;
        }

        var best = lead >= 0 && !Lost[lead] && Table.ReplicaFlags[lead].HasFlag(ReplicaFlags.InSync) ? lead : -1;
        var cost = best >= 0 ? -1e-9 : double.PositiveInfinity;
        for (var slot = start; slot < end; slot++)
        {
            if (!Lost[slot] && Table.ReplicaFlags[slot].HasFlag(ReplicaFlags.InSync) && Placement.LeadDelta(partition, slot) < cost)
            {
                (best, cost) = (slot, Placement.LeadDelta(partition, slot));
            }
        }

        Placement.TransferLeadership(partition, best);
    }

    private void GiveUp(int partition, string why)
    {
        (_leftAlone[partition], _) = (why, _touched.Remove(partition));
        Placement.TransferLeadership(partition, Placement.Arrays.Lead[partition]);
        for (var slot = Table.ReplicaStart[partition]; slot < Table.ReplicaStart[partition + 1]; slot++)
        {
            if (Placement.Current[slot] != Table.ReplicaBroker[slot])
            {
                Placement.Move(slot, FixOfflineRules.IsAlive(Model.Brokers[Table.ReplicaBroker[slot]]) ? Nowhere : Table.ReplicaBroker[slot]);
            }
        }
    }

    /// <summary>New list: the preferred leader (as it was where it survives), the other survivors in their order, then the new copies.</summary>
    private PlannedMove Describe(int partition)
    {
        var slots = Enumerable.Range(Table.ReplicaStart[partition], Table.ReplicaStart[partition + 1] - Table.ReplicaStart[partition]).ToArray();
        var kept = slots.Where(slot => !Lost[slot]).ToList();
        if (Lost[slots[0]])
        {
            kept.Remove(Placement.Lead[partition]);
            kept.Insert(0, Placement.Lead[partition]);
        }

        var added = slots.Where(slot => Lost[slot]).ToArray();
        long? bytes = Built.SizeKnown[partition] ? (long)Placement.DiskOf(partition) * added.Length : null;
        return new PlannedMove(
            Topic(partition),
            Table.TopicId[Table.Topic[partition]],
            Table.NumberOf(partition),
            [.. slots.Select(slot => Model.Brokers[Table.ReplicaBroker[slot]].Id)],
            [.. kept.Concat(added).Select(slot => Model.Brokers[Placement.Current[slot]].Id)],
            bytes,
            ClassOf(partition),
            Reason(partition, added));
    }

    private string Reason(int partition, int[] added)
    {
        var lost = string.Join(", ", added.Select(slot => Model.Brokers[Table.ReplicaBroker[slot]].Id));
        var to = string.Join(", ", added.Select(slot => Model.Brokers[Placement.Current[slot]].Id));
        var (state, min) = (PartitionCounts.StateOf(Table, partition), Table.TopicMinInSync[Table.Topic[partition]]);
        var danger = state.IsUnderMinInSync == true ? string.Create(CultureInfo.InvariantCulture, $" It refuses acks=all: {state.InSync} in sync, {min} required.") : "";
        var cost = added.Select(slot => Compromises[slot]).Max() switch
        {
            Compromise.Rack => " No broker of a free rack has room.",
            Compromise.DiskLimit => " Fills its disk above the limit: no other has room.",
            Compromise.RackAndDiskLimit => " No broker of a free rack has room, and it fills its disk above the limit.",
            _ => "",
        };
        return $"The replica on {(added.Length == 1 ? "broker" : "brokers")} {lost} is lost; broker {to} takes its place.{danger}{cost}";
    }
}
