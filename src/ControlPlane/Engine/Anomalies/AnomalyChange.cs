namespace ControlPlane.Engine.Anomalies;

/// <summary>Compares two sightings of one anomaly: what is worth telling, and which reached further.</summary>
public static class AnomalyChange
{
    /// <summary>The evidence that says that an anomaly is kept although it can't be judged now.</summary>
    public const string KeptBecause = "kept unchanged";

    /// <summary>Counts of partitions that move by less than this share are no news: a broker that catches up changes them each round.</summary>
    private const double NewsShare = 0.1;

    public static bool IsMaterial(Anomaly told, Anomaly now) =>
        told.Last.Severity != now.Last.Severity
        || IsKept(told.Last) != IsKept(now.Last)
        || told.Last.Storm != now.Last.Storm
        || !IsSameSentence(told.Last.Sentence, now.Last.Sentence)
        || IsNews(told.Last.Blast.Offline, now.Last.Blast.Offline)
        || IsNews(told.Last.Blast.UnderMinInSync, now.Last.Blast.UnderMinInSync)
        || IsNews(told.Last.Blast.UnderReplicated, now.Last.Blast.UnderReplicated);

    /// <summary>The last sighting, with the reason why it is not looked at anew.</summary>
    public static Detection Kept(Detection last, string why, DateTimeOffset now)
    {
        var at = last.Evidence.FirstOrDefault(one => one.What == KeptBecause)?.At ?? now;
        return last with { Evidence = [.. last.Evidence.Where(one => one.What != KeptBecause), new Evidence(KeptBecause, $"It can't be judged now: {why}.", at)] };
    }

    /// <summary>The last sighting without that reason: it can be judged again.</summary>
    public static Detection Judged(Detection last) =>
        IsKept(last) ? last with { Evidence = [.. last.Evidence.Where(one => one.What != KeptBecause)] } : last;

    /// <summary>The larger of each count, and the names of the one that is worse.</summary>
    public static BlastRadius Widest(BlastRadius before, BlastRadius now)
    {
        var worse = Order(now).CompareTo(Order(before)) > 0 ? now : before;
        return worse with
        {
            Offline = Larger(before.Offline, now.Offline),
            UnderMinInSync = Larger(before.UnderMinInSync, now.UnderMinInSync),
            UnderReplicated = Larger(before.UnderReplicated, now.UnderReplicated),
            TopicCount = Math.Max(before.TopicCount, now.TopicCount),
            Groups = worse.Groups ?? before.Groups ?? now.Groups,
        };
    }

    private static (int, int, int) Order(BlastRadius blast) => (blast.Offline ?? -1, blast.UnderMinInSync ?? -1, blast.UnderReplicated ?? -1);

    private static int? Larger(int? left, int? right) => left is null || right > left ? right : left;

    private static bool IsKept(Detection detection) => detection.Evidence.Any(one => one.What == KeptBecause);

    private static bool IsNews(int? told, int? now) =>
        told is null || now is null || told == 0 || now == 0 ? told != now : Math.Abs(told.Value - now.Value) >= NewsShare * Math.Max(told.Value, now.Value);

    /// <summary>Whether two sentences differ in their numbers only.</summary>
    private static bool IsSameSentence(string told, string now) => told == now || Shape(told).SequenceEqual(Shape(now));

    private static IEnumerable<char> Shape(string sentence) => sentence.Where(letter => !char.IsAsciiDigit(letter) && letter != ',');
}
