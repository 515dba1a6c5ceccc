using System.Globalization;
using System.Text;
using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Engine.Tests.Lag.Feed;

/// <summary>One record of a made-up offsets topic; its place in the list is its offset.</summary>
internal readonly record struct LogRecord(LogKind Kind, int Group, int Partition, long Offset, long? Producer);

internal enum LogKind
{
    Commit,
    Delete,
    CommitMarker,
    AbortMarker,
}

/// <summary>Made-up logs with few groups and producers, so that everything meets everything; and the plainest reading of the rules.</summary>
internal static class RandomLog
{
    private const int Producers = 3;

    public static IReadOnlyList<LogRecord> Of(Random random)
    {
        var log = new List<LogRecord>();
        for (var i = 0; i < 60; i++)
        {
            var (group, partition) = (random.Next(3), random.Next(2));
            log.Add(random.Next(10) switch
            {
                < 3 => new LogRecord(LogKind.Commit, group, partition, random.Next(1_000), null),
                < 6 => new LogRecord(LogKind.Commit, group, partition, random.Next(1_000), random.Next(Producers)),
                < 7 => new LogRecord(LogKind.Delete, group, partition, 0, null),
                < 9 => new LogRecord(LogKind.CommitMarker, 0, 0, 0, random.Next(Producers)),
                _ => new LogRecord(LogKind.AbortMarker, 0, 0, 0, random.Next(Producers)),
            });
        }

        return log;
    }

    /// <summary>What the coordinator would answer: of all commits that count, the one with the highest place, if nothing deleted it later.</summary>
    public static Dictionary<(string, int), long> Offsets(IReadOnlyList<LogRecord> log)
    {
        var offsets = new Dictionary<(string, int), long>();
        foreach (var key in log.Where(record => record.Kind == LogKind.Commit).Select(record => (record.Group, record.Partition)).Distinct())
        {
            var deleted = Last(log, record => record.Kind == LogKind.Delete && (record.Group, record.Partition) == key);
            var counts = Enumerable.Range(0, log.Count).Where(at => log[at].Kind == LogKind.Commit && (log[at].Group, log[at].Partition) == key && at > deleted && IsCommitted(log, at)).ToList();
            if (counts.Count > 0)
            {
                offsets[(Name(key.Group), key.Partition)] = log[counts[^1]].Offset;
            }
        }

        return offsets;
    }

    public static void Play(GroupFeed feed, IReadOnlyList<LogRecord> log, int from, int to)
    {
        for (var at = from; at < to; at++)
        {
            var record = log[at];
            var group = Encoding.UTF8.GetBytes(Name(record.Group));
            switch (record.Kind)
            {
                case LogKind.Commit: feed.Commit(group, "t"u8, record.Partition, new CommitRecord(record.Offset, -1, 0, Guid.Empty, at), record.Producer); break;
                case LogKind.Delete: feed.Delete(group, "t"u8, record.Partition, at); break;
                default: feed.EndTransaction(record.Producer!.Value, record.Kind == LogKind.CommitMarker); break;
            }

            feed.Flush();
        }
    }

    private static bool IsCommitted(IReadOnlyList<LogRecord> log, int at) =>
        log[at].Producer is not { } producer
        || log.Skip(at).FirstOrDefault(record => record.Producer == producer && record.Kind != LogKind.Commit).Kind == LogKind.CommitMarker;

    private static int Last(IReadOnlyList<LogRecord> log, Predicate<LogRecord> wanted)
    {
        var last = -1;
        for (var at = 0; at < log.Count; at++)
        {
            last = wanted(log[at]) ? at : last;
        }

        return last;
    }

    private static string Name(int group) => string.Create(CultureInfo.InvariantCulture, $"group-{group}");
}
