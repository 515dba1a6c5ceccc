using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>
/// How far share groups have come, said as other groups say it, by an offset: the log end less what Kafka counts as left to do. The start
/// offset alone won't do: it is stored with the next change only, so of a group that has done everything some records would be behind for good.
/// </summary>
/// <remarks>One round at a time.</remarks>
internal sealed class ShareProgress(KafkaAdmin admin)
{
    /// <summary>Of one group, to learn it exactly while producers go on.</summary>
    private const int Attempts = 3;

    /// <summary>The moments in which a preview and its execution look are not equally busy.</summary>
    private const int Allowance = 10;

    private Dictionary<(string Group, string Topic, int Partition), (long Start, long At)> _told = [];

    /// <summary>Forgets those that are gone: one of the same name is another.</summary>
    public void Keep(Predicate<string> isListed) => _told = _told.Where(pair => isListed(pair.Key.Group)).ToDictionary();

    public async Task<GroupResults<GroupOffsets>> FetchAsync(IReadOnlyCollection<string> groups, CancellationToken cancellationToken)
    {
        var asked = groups.ToHashSet(StringComparer.Ordinal);
        // Ends that are read before Kafka counts: a record that comes in between is behind, never done.
        var ends = await EndsAsync(_told.Keys.Where(one => asked.Contains(one.Group)).Select(one => (one.Topic, one.Partition)), cancellationToken);
        var share = await admin.FetchShareGroupOffsetsAsync(groups, cancellationToken);
        (string, int)[] unread = [.. Counted(share).Select(one => (one.Topic, one.Partition)).Where(one => !ends.ContainsKey(one)).Distinct()];
        if (unread.Length > 0)
        {
            ends = ends.Concat(await EndsAsync(unread, cancellationToken)).ToDictionary();
            share = await admin.FetchShareGroupOffsetsAsync(groups, cancellationToken);
        }

        var now = _told.Where(pair => !share.Values.ContainsKey(pair.Key.Group)).ToDictionary(); // also of those that did not answer
        foreach (var (key, told) in Positions(share, ends))
        {
            now[key] = told;
        }

        await HoldAsync(now, share, cancellationToken);
        _told = now;
        return new GroupResults<GroupOffsets>(share.Values.ToDictionary(pair => pair.Key, pair => Offsets(pair.Value, now), StringComparer.Ordinal), share.Failures);
    }

    /// <summary>One group, as exactly as can be told, and within how many messages: none, unless producers write to its topics all the time.</summary>
    public async Task<(GroupResults<GroupOffsets> Offsets, long Within)> FetchOneAsync(string group, CancellationToken cancellationToken)
    {
        var share = await admin.FetchShareGroupOffsetsAsync([group], cancellationToken);
        (string Topic, int Partition)[] partitions = [.. Counted(share).Select(one => (one.Topic, one.Partition))];
        var ends = await EndsAsync(partitions, cancellationToken);
        var within = 0L;
        for (var attempt = 1; attempt <= Attempts && partitions.Length > 0; attempt++)
        {
            share = await admin.FetchShareGroupOffsetsAsync([group], cancellationToken);
            var after = await EndsAsync(partitions, cancellationToken);
            within = ends.Select(pair => after.TryGetValue(pair.Key, out var end) ? end - pair.Value : 0).DefaultIfEmpty().Max();
            if (within == 0 || attempt == Attempts)
            {
                break;
            }

            ends = after;
        }

        var told = Positions(share, ends);
        return (new GroupResults<GroupOffsets>(share.Values.ToDictionary(pair => pair.Key, pair => Offsets(pair.Value, told), StringComparer.Ordinal), share.Failures), within * Allowance);
    }

    /// <summary>A record that came after the end was read is behind, so an end less the lag may fall short, but never beyond what is done.</summary>
    private static Dictionary<(string Group, string Topic, int Partition), (long Start, long At)> Positions(GroupResults<ShareGroupOffsets> share, Dictionary<(string Topic, int Partition), long> ends)
    {
        var positions = new Dictionary<(string Group, string Topic, int Partition), (long Start, long At)>();
        foreach (var (group, offset) in share.Values.Values.SelectMany(group => group.Offsets, (group, offset) => (group, offset)).Where(one => one.offset.StartOffset is not null))
        {
            var (start, lag) = (offset.StartOffset!.Value, offset.Lag);
            var at = lag is not null && ends.TryGetValue((offset.Topic, offset.Partition), out var end) ? Math.Max(start, end - lag.Value) : start;
            positions[(group.GroupId, offset.Topic, offset.Partition)] = (start, at);
        }

        return positions;
    }

    private static GroupOffsets Offsets(ShareGroupOffsets group, Dictionary<(string Group, string Topic, int Partition), (long Start, long At)> now) => new(
        group.GroupId,
        group.CoordinatorId,
        [.. group.Offsets.Select(one => new CommittedOffset(one.Topic, one.Partition, now.TryGetValue((group.GroupId, one.Topic, one.Partition), out var told) ? told.At : null, null, null, one.Error))]);

    private static IEnumerable<ShareGroupOffset> Counted(GroupResults<ShareGroupOffsets> share) =>
        share.Values.Values.SelectMany(group => group.Offsets).Where(one => one is { StartOffset: not null, Lag: not null });

    /// <summary>
    /// Records that came while Kafka counted make a group seem some records further back than it was told before: it has not gone back unless
    /// the log is shorter than that.
    /// </summary>
    private async Task HoldAsync(Dictionary<(string Group, string Topic, int Partition), (long Start, long At)> now, GroupResults<ShareGroupOffsets> share, CancellationToken cancellationToken)
    {
        var lags = share.Values.Values.SelectMany(group => group.Offsets, (group, one) => (Key: (group.GroupId, one.Topic, one.Partition), one.Lag)).ToDictionary(one => one.Key, one => one.Lag);
        var fallen = now.Where(pair => lags.ContainsKey(pair.Key) && _told.TryGetValue(pair.Key, out var before) && before.Start <= pair.Value.Start && before.At > pair.Value.At).Select(pair => pair.Key).ToList();
        var ends = await EndsAsync(fallen.Select(one => (one.Topic, one.Partition)), cancellationToken);
        foreach (var key in fallen)
        {
            if (lags[key] is not { } lag || !ends.TryGetValue((key.Topic, key.Partition), out var end) || _told[key].At + lag <= end)
            {
                now[key] = now[key] with { At = _told[key].At };
            }
        }
    }

    /// <summary>Of partitions whose leader answers.</summary>
    private async Task<Dictionary<(string Topic, int Partition), long>> EndsAsync(IEnumerable<(string Topic, int Partition)> partitions, CancellationToken cancellationToken)
    {
        OffsetQuery[] queries = [.. partitions.Distinct().Select(one => new OffsetQuery(one.Topic, one.Partition, null))];
        return queries.Length == 0
            ? []
            : (await admin.FetchOffsetsAsync(queries, OffsetTimestamp.Latest, IsolationLevel.ReadUncommitted, cancellationToken)).Offsets
                .Where(one => one.Offset is not null).ToDictionary(one => (one.Topic, one.Partition), one => one.Offset!.Value);
    }
}
