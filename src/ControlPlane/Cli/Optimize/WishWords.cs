using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Optimize;

/// <summary>Reads the words of a wish; what it can't read it refuses with an example.</summary>
internal static class WishWords
{
    private const int MostIds = 1_000_000;

    private static readonly (string Word, int Lane)[] Lanes =
    [
        ("cpu", Lane.Cpu), ("in", Lane.BytesIn), ("out", Lane.BytesOut), ("disk", Lane.Disk), ("replicas", Lane.Replicas),
        ("leaders", Lane.Leaders), ("leader-in", Lane.LeaderBytesIn), ("potential-out", Lane.PotentialBytesOut),
    ];

    private static readonly (string Unit, double Seconds)[] Times = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    private static readonly (string Unit, double Bytes)[] Sizes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15), ("B", 1),
    ];

    /// <summary>1,2,5-9.</summary>
    public static ImmutableArray<int> Ids(string option, string? text)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        foreach (var part in Parts(text))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !Number(ends[0], out var first) || !Number(ends[^1], out var last) || last < first || last - first > MostIds)
            {
                throw Wrong(option, part, "is no broker id", $"{option} 1,2,5-9");
            }

            for (var more = 0; more <= last - first; more++)
            {
                ids.Add(first + more);
            }
        }

        return ids.ToImmutable();
    }

    public static ImmutableArray<(string Topic, int Partition)> Partitions(string option, string? text) =>
        [.. Parts(text).Select(part => part.LastIndexOf('-') is > 0 and var dash && Number(part[(dash + 1)..], out var number)
            ? (part[..dash], number)
            : throw Wrong(option, part, "is no partition", $"{option} orders-3,orders-4"))];

    public static ImmutableArray<(int Broker, string Path)> Dirs(string option, string[] texts) =>
        [.. texts.SelectMany(Parts).Select(part => part.Split(':', 2) is [var id, { Length: > 0 } path] && Number(id, out var broker)
            ? (broker, path)
            : throw Wrong(option, part, "is no log dir", $"{option} 4:/data/d1"))];

    /// <summary>disk=0.75@4,5; shares as 0.75 or 75%, counts as they are.</summary>
    public static ImmutableArray<RepairLimit> Limits(string option, string[] texts) => [.. texts.Select(text => Limit(option, text))];

    public static ImmutableDictionary<int, string> Sets(string option, string[] texts)
    {
        var sets = ImmutableDictionary.CreateBuilder<int, string>();
        foreach (var text in texts)
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } ids])
            {
                throw Wrong(option, text, "is no set of brokers", $"{option} blue=1,2,3");
            }

            foreach (var id in Ids(option, ids))
            {
                sets[id] = sets.GetValueOrDefault(id, name) == name ? name : throw Wrong(option, text, $"has broker {id}, which is in set {sets[id]} already", "each broker in one set");
            }
        }

        return sets.ToImmutable();
    }

    /// <summary>Names as Cruise Control has them, with or without Goal at the end, in any case.</summary>
    public static ImmutableArray<string> Goals(string option, string? text)
    {
        var known = GoalCatalog.All.Select(goal => goal.Name).ToArray();
        return [.. Parts(text).Select(part => Array.Find(known, name => IsGoal(name, part))
            ?? throw Wrong(option, part, "is no goal", $"one of {string.Join(", ", known)}"))];
    }

    public static double? Number(string option, string? text) =>
        text is null ? null : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(option, text, "is no number", $"{option} 0.5");

    public static int? Whole(string option, string? text) =>
        text is null ? null : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(option, text, "is no whole number", $"{option} 2");

    public static ulong? Seed(string option, string? text) =>
        text is null ? null : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : throw Wrong(option, text, "is no seed", $"{option} 1");

    public static long? Size(string option, string? text) =>
        text is null ? null : (long)Scaled(option, text, Sizes, $"{option} 500GB");

    public static TimeSpan? Time(string option, string? text)
    {
        var seconds = text is null ? 0 : Scaled(option, text, Times, $"{option} 30s");
        return text is null ? null
            : seconds is > 0 and < 1e6 ? TimeSpan.FromSeconds(seconds)
            : throw Wrong(option, text, "is no time", $"{option} 30s");
    }

    /// <summary>REGEX=FACTOR; the last sign of equality counts.</summary>
    public static (string Topics, double Factor) Factor(string option, string text) =>
        text.LastIndexOf('=') is > 0 and var sign && double.TryParse(text[(sign + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            ? (text[..sign], factor)
            : throw Wrong(option, text, "is no factor", $"{option} 'orders.*=2'");

    public static CliException Wrong(string option, string said, string what, string example) => new($"{option}: '{said}' {what}", $"for example {example}", "kcp optimize --help");

    private static RepairLimit Limit(string option, string text)
    {
        const string Example = "--limit disk=0.75@4,5";
        var (load, brokers) = text.Split('@', 2) is [var before, var after] ? (before, after) : (text, null);
        var words = load.Split('=', 2);
        var entry = Array.FindIndex(Lanes, known => known.Word.Equals(words[0], StringComparison.OrdinalIgnoreCase));
        var lane = entry >= 0 ? Lanes[entry].Lane : LoadWords.Find(words[0]); // the words of the API and of kcp plan, too
        if (lane < 0)
        {
            throw Wrong(option, words[0], "is no load", string.Join(", ", Lanes.Select(known => known.Word)));
        }

        var isPercent = words is [_, var said] && said.EndsWith('%');
        if (words.Length < 2 || !double.TryParse(words[1].TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit))
        {
            throw Wrong(option, text, "has no limit", Example);
        }

        return new RepairLimit(lane, isPercent ? limit / 100 : limit, Ids(option, brokers));
    }

    private static bool IsGoal(string name, string said) =>
        name.Equals(said, StringComparison.OrdinalIgnoreCase) || name.Equals(said + "Goal", StringComparison.OrdinalIgnoreCase);

    private static string[] Parts(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static double Scaled(string option, string text, (string Unit, double Factor)[] units, string example)
    {
        var digits = text.TrimEnd("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ".ToCharArray());
        var unit = text[digits.Length..].Trim();
        var factor = unit.Length == 0 ? 1 : Array.Find(units, entry => entry.Unit.Equals(unit, StringComparison.OrdinalIgnoreCase)).Factor;
        return factor > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * factor < long.MaxValue
            ? number * factor
            : throw Wrong(option, text, "can't be read", example);
    }
}
