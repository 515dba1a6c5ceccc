using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Lag.Judging;

/// <summary>Judges one group after another: every partition by its window, then the group by its partitions, with time, cause and advice.</summary>
/// <remarks>Uses its arrays again for the next group; one thread at a time.</remarks>
public sealed class GroupJudge(LagPolicy policy, TimeSpan objective)
{
    private LagVerdict[] _verdicts = [];
    private LagRates[] _rates = [];

    /// <summary>The verdict on the group of a snapshot.</summary>
    /// <param name="group">Who is in it; null where it was not described.</param>
    /// <param name="evidence">What was measured beside the commits.</param>
    public GroupJudgement Judge(LagSnapshot snapshot, Group? group, ClusterModel model, long now, GroupEvidence? evidence = null)
    {
        var uses = new GroupUses(group);
        evidence ??= GroupEvidence.None;
        Grow(snapshot.Count);
        var (timeLag, catchUp, rates) = (TimeLag.Unknown, new CatchUp(CatchUpKind.Done), LagRates.Unknown);
        for (var i = 0; i < snapshot.Count; i++)
        {
            snapshot.SetUse(i, uses.Of(snapshot.Topic(i), snapshot.Partition(i)));
            snapshot.SetLastStable(i, evidence.LastStable?.Invoke(snapshot.Topic(i), snapshot.Partition(i)));
            var window = snapshot.Window(i, now);
            _verdicts[i] = DefaultRules.Judge(window, policy);
            _rates[i] = LagRates.Of(window);
            if (_verdicts[i].Reason != LagReason.Ghost)
            {
                timeLag = TimeLag.Worse(timeLag, TimeLag.Of(window));
                catchUp = CatchUp.Worse(catchUp, CatchUp.Of(_verdicts[i].CurrentLag, _rates[i]));
                rates = LagRates.Sum(rates, _rates[i]);
            }
        }

        var verdicts = _verdicts.AsSpan(0, snapshot.Count);
        GroupResets.Recognise(verdicts, snapshot, group, now);
        var verdict = GroupLagVerdict.Of(verdicts);
        var cause = verdict.Status == GroupLagStatus.Ok ? null : CauseOf(snapshot, group, model, now, evidence);
        var advice = snapshot.Count == 0 ? default(ScalingAdvice?) : ScalingAdvice.Of(group?.Members?.Length ?? 0, snapshot.Count, verdict.TotalLag, timeLag, rates, objective);
        return new GroupJudgement(
            StatusOf(verdict.Status), LagSentences.WordOf(verdict.Status), Sentence(verdicts, snapshot, verdict, timeLag, cause), timeLag.Kind == TimeLagKind.Unknown ? null : timeLag.Milliseconds, timeLag.Kind == TimeLagKind.AtLeast)
        {
            At = DateTimeOffset.FromUnixTimeMilliseconds(now),
            Lag = verdict.TotalLag,
            Trouble = verdict.Status == GroupLagStatus.Ok ? null : GroupTroubles.Of(verdicts, snapshot, group, now),
            BadPartitions = Bad(verdicts),
            Complete = verdict.Complete,
            CatchUp = WordOf(catchUp.Kind),
            CatchUpIn = catchUp.Likely,
            CatchUpEarliest = catchUp.Earliest,
            CatchUpLatest = catchUp.Latest,
            ConsumeRate = Known(rates.Consume),
            ProduceRate = Known(rates.Produce),
            Cause = cause is null ? null : WordOf(cause.Kind),
            CauseSentence = cause?.Sentence,
            AdvisedMembers = advice is { Kind: not ScalingKind.Unknown } known ? known.Members : null,
            Advice = advice?.Sentence,
        };
    }

    /// <summary>Whether a partition of the snapshot just judged is not read on although there is something to read.</summary>
    public bool IsHeldUp(int at) => _verdicts[at] is { Status: PartitionLagStatus.Stop or PartitionLagStatus.Stall or PartitionLagStatus.Warn, Reason: not (LagReason.DataLost or LagReason.GroupEmpty) };

    /// <summary>The group just judged, by topic: those with the most lag, by name. None of a group that reads one topic only.</summary>
    public ImmutableArray<TopicJudgement> ByTopic(LagSnapshot snapshot, long now, int most)
    {
        var topics = new Dictionary<string, (long Lag, TimeLag Time, LagRates Rates)>(StringComparer.Ordinal);
        for (var i = 0; i < snapshot.Count; i++)
        {
            if (_verdicts[i].Reason != LagReason.Ghost)
            {
                var (lag, time, rates) = topics.GetValueOrDefault(snapshot.Topic(i), (0, TimeLag.Unknown, LagRates.Unknown));
                topics[snapshot.Topic(i)] = (lag + _verdicts[i].CurrentLag, TimeLag.Worse(time, TimeLag.Of(snapshot.Window(i, now))), LagRates.Sum(rates, _rates[i]));
            }
        }

        return topics.Count < 2 ? [] :
        [
            .. topics.OrderByDescending(topic => topic.Value.Lag).ThenBy(topic => topic.Key, StringComparer.Ordinal).Take(most).OrderBy(topic => topic.Key, StringComparer.Ordinal).Select(topic => new TopicJudgement(
                topic.Key, topic.Value.Lag, topic.Value.Time.Kind == TimeLagKind.Unknown ? null : topic.Value.Time.Milliseconds, Known(topic.Value.Rates.Consume), Known(topic.Value.Rates.Produce))),
        ];
    }

    /// <summary>Each partition of a snapshot with its window.</summary>
    public IReadOnlyList<PartitionJudgement> JudgePartitions(LagSnapshot snapshot, Group? group, long now, GroupEvidence? evidence = null)
    {
        var uses = new GroupUses(group);
        var judged = new List<PartitionJudgement>(snapshot.Count);
        var verdicts = new LagVerdict[snapshot.Count];
        for (var i = 0; i < snapshot.Count; i++)
        {
            snapshot.SetUse(i, uses.Of(snapshot.Topic(i), snapshot.Partition(i)));
            snapshot.SetLastStable(i, evidence?.LastStable?.Invoke(snapshot.Topic(i), snapshot.Partition(i)));
            verdicts[i] = DefaultRules.Judge(snapshot.Window(i, now), policy);
        }

        GroupResets.Recognise(verdicts, snapshot, group, now);
        for (var i = 0; i < snapshot.Count; i++)
        {
            var window = snapshot.Window(i, now);
            var (verdict, rates) = (verdicts[i], LagRates.Of(window));
            var commits = new SeenCommit[window.Count];
            for (var c = 0; c < commits.Length; c++)
            {
                commits[c] = new SeenCommit(window.Offsets[c], window.Times[c], snapshot.ObservedAt(i, c), window.Lags[c] < 0 ? null : window.Lags[c]);
            }

            judged.Add(new PartitionJudgement(snapshot.Topic(i), snapshot.Partition(i), verdict, TimeLag.Of(window), rates, CatchUp.Of(verdict.CurrentLag, rates), commits));
        }

        return judged;
    }

    private void Grow(int count)
    {
        if (_verdicts.Length < count)
        {
            (_verdicts, _rates) = (new LagVerdict[count], new LagRates[count]);
        }
    }

    private LagCause? CauseOf(LagSnapshot snapshot, Group? group, ClusterModel model, long now, GroupEvidence evidence)
    {
        var owners = new Dictionary<(string, int), int>();
        var members = group?.Members ?? [];
        for (var member = 0; member < members.Length; member++)
        {
            foreach (var assigned in members[member].Assigned)
            {
                owners[(assigned.Topic, assigned.Partition)] = member;
            }
        }

        var partitions = new PartitionPicture[snapshot.Count];
        for (var i = 0; i < partitions.Length; i++)
        {
            var (topic, number) = (snapshot.Topic(i), snapshot.Partition(i));
            var window = snapshot.Window(i, now);
            partitions[i] = new PartitionPicture(
                _verdicts[i].Reason == LagReason.Ghost ? 0 : _verdicts[i].CurrentLag, _rates[i].Consume, _rates[i].Produce,
                UsualRate.Of(window.EndTimes, window.EndOffsets, window.Now), _verdicts[i].Status, owners.GetValueOrDefault((topic, number), -1), IsInTrouble(model, topic, number))
            {
                StandsStill = window.Count >= 2 && window.Offsets[^1] == window.Offsets[^2] && _verdicts[i].CurrentLag > policy.Floor,
                IsHeld = _verdicts[i].Reason == LagReason.HeldByTransaction,
            };
        }

        return LagCauses.Find(new GroupPicture([.. partitions], group?.Members?.Length, evidence.Rebalances));
    }

    private static bool IsInTrouble(ClusterModel model, string topic, int number)
    {
        var table = model.Partitions;
        var index = table.FindTopic(topic);
        if (index < 0 || number >= table.PartitionsOf(index))
        {
            return false;
        }

        var leader = table.Leader[table.TopicStart[index] + number];
        return leader < 0 || (leader < model.Brokers.Length && model.Brokers[leader].State is BrokerState.Down or BrokerState.Unresponsive);
    }

    private static int Bad(ReadOnlySpan<LagVerdict> verdicts)
    {
        var bad = 0;
        foreach (ref readonly var verdict in verdicts)
        {
            bad += verdict.Status == PartitionLagStatus.Ok ? 0 : 1;
        }

        return bad;
    }

    /// <summary>The worst first: how many partitions are how, then the cause, then how long records wait.</summary>
    private static string Sentence(ReadOnlySpan<LagVerdict> verdicts, LagSnapshot snapshot, GroupLagVerdict verdict, TimeLag timeLag, LagCause? cause)
    {
        if (verdict.Partitions == 0)
        {
            return "It has committed nothing.";
        }

        if (verdict.Status == GroupLagStatus.Ok)
        {
            return verdict.TotalLag == 0 ? "Nothing is left to read." : string.Create(CultureInfo.InvariantCulture, $"It keeps up: {LagSentences.Messages(verdict.TotalLag)} behind{Wait(timeLag)}.");
        }

        var worst = 0;
        for (var i = 1; i < verdicts.Length; i++)
        {
            worst = Rank(verdicts[i]).CompareTo(Rank(verdicts[worst])) > 0 ? i : worst;
        }

        var alike = 0;
        foreach (ref readonly var one in verdicts)
        {
            alike += one.Status == verdicts[worst].Status ? 1 : 0;
        }

        var which = string.Create(CultureInfo.InvariantCulture, $"{alike:N0} of {verdicts.Length:N0} {(verdicts.Length == 1 ? "partition" : "partitions")} {LagSentences.WordOf(verdicts[worst].Status)}");
        var most = string.Create(CultureInfo.InvariantCulture, $"worst {snapshot.Topic(worst)}-{snapshot.Partition(worst)}: {verdicts[worst].Sentence}");
        return $"{which}, {LagSentences.Messages(verdict.TotalLag)} behind{Wait(timeLag)}; {most}{(cause is null ? "" : $" {cause.Sentence}")}";
    }

    private static string Wait(TimeLag timeLag) => timeLag is { Kind: TimeLagKind.Unknown } or { Milliseconds: 0 } ? "" : $", the oldest written {(timeLag.Kind == TimeLagKind.AtLeast ? "at least " : "")}{LagSentences.Time(timeLag.Milliseconds)} ago";

    /// <summary>Burrow's numbers grow with how bad it is; of equals the one with more lag.</summary>
    private static (int, long) Rank(in LagVerdict verdict) => ((int)verdict.Status, verdict.CurrentLag);

    private static Status StatusOf(GroupLagStatus status) => status switch
    {
        GroupLagStatus.Ok => Status.Ok,
        GroupLagStatus.Warn => Status.Warn,
        GroupLagStatus.Err => Status.Crit,
        _ => Status.Unknown,
    };

    private static double? Known(double rate) => double.IsNaN(rate) ? null : rate;

    private static string WordOf(CatchUpKind kind) => kind switch
    {
        CatchUpKind.Done => "done",
        CatchUpKind.Expected => "expected",
        CatchUpKind.Never => "never",
        _ => "unknown",
    };

    private static string WordOf(LagCauseKind kind) => kind switch
    {
        LagCauseKind.NoMembers => "no-members",
        LagCauseKind.BrokerTrouble => "broker-trouble",
        LagCauseKind.OpenTransaction => "open-transaction",
        LagCauseKind.RebalancingStorm => "rebalancing-storm",
        LagCauseKind.StuckMember => "stuck-member",
        LagCauseKind.ProducerSurge => "producer-surge",
        LagCauseKind.HotPartition => "hot-partition",
        LagCauseKind.SlowMember => "slow-member",
        LagCauseKind.TooFewMembers => "too-few-members",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a cause"),
    };
}
