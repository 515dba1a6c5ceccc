using System.Globalization;

namespace ControlPlane.Benchmarks.Polling;

/// <summary>
/// The groups of a made-up cluster, each computed from its number: nothing is kept. Most read one small topic, few read many, some read all:
/// of 1,000 groups 800 have one topic (of up to 20 partitions), 150 up to three topics, 40 up to ten, 9 a large one (of up to 100), 1 all topics.
/// 70 % have members, 30 % are empty; a fifth of those with members speak the newer protocol.
/// </summary>
internal sealed class FakeGroups
{
    public const int Groups = 65_184;
    public const int Partitions = 2_495;

    private const int LargeTopics = 10;

    public FakeGroups()
    {
        var sizes = new List<int>();
        var dice = new Random(1);
        for (var left = Partitions; left > 0; left -= sizes[^1])
        {
            sizes.Add(Math.Min(left, sizes.Count < LargeTopics ? 100 : dice.Next(1, 21)));
        }

        Topics = [.. sizes.Select((size, topic) => (string.Create(CultureInfo.InvariantCulture, $"payments.orders.{topic:D4}"), size))];
    }

    public IReadOnlyList<(string Name, int Partitions)> Topics { get; }

    public static string NameOf(int group) => string.Create(CultureInfo.InvariantCulture, $"payments-consumer-{group:D6}");

    public static int NumberOf(string name) => int.Parse(name.AsSpan(name.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);

    public static int MembersOf(int group) => group % 10 < 3 ? 0 : 1 + (group % 3);

    public static bool IsNewer(int group) => MembersOf(group) > 0 && group % 5 == 4;

    /// <summary>Numbers of the topics that a group has committed on, in all their partitions.</summary>
    public IReadOnlyList<int> TopicsOf(int group)
    {
        var dice = new Random(group);
        return dice.Next(1000) switch
        {
            < 800 => [Small()],
            < 950 => [.. Several(3)],
            < 990 => [.. Several(10)],
            < 999 => [dice.Next(LargeTopics)],
            _ => [.. Enumerable.Range(0, Topics.Count)],
        };

        int Small() => LargeTopics + dice.Next(Topics.Count - LargeTopics);

        IEnumerable<int> Several(int most) => Enumerable.Range(0, dice.Next(1, most + 1)).Select(_ => Small()).Distinct().Order();
    }
}
