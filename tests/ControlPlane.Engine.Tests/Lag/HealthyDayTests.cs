using ControlPlane.Engine.Lag;

namespace ControlPlane.Engine.Tests.Lag;

/// <summary>A day of each habit without a false alarm; and a consumer that dies in it is found soon.</summary>
public sealed class HealthyDayTests
{
    private const int Day = 86_400;

    public static TheoryData<string, int> Habits =>
        [.. from habit in (string[])["5 s", "5 s, slow topic", "60 s", "10 min", "batch", "batch in many commits", "low traffic", "transactions", "idle", "bursts"]
            from seed in Enumerable.Range(1, 3)
            select new TheoryDataRow<string, int>(habit, seed)];

    [Theory]
    [MemberData(nameof(Habits))]
    public void A_healthy_day_raises_no_alarm(string habit, int seed) => NoAlarm(habit, seed, isWindowAlone: false);

    [Theory]
    [MemberData(nameof(Habits))]
    public void Nor_does_it_where_the_windows_are_all_that_is_known(string habit, int seed) => NoAlarm(habit, seed, isWindowAlone: true);

    [Theory]
    [MemberData(nameof(Habits))]
    public void Nor_does_it_where_groups_are_polled(string habit, int seed) => NoAlarm(habit, seed, isWindowAlone: false, isPolled: true);

    [Theory]
    [MemberData(nameof(Sways))]
    public void Lag_that_sways_as_it_always_did_is_no_news(double seconds, int period, bool isPolled, int seed)
    {
        var told = new List<string>();
        new DayOfTraffic(new Swaying(seconds, period), seed, isPolled: isPolled).Run(Day / 4, (second, verdict) =>
        {
            if (verdict.Status != PartitionLagStatus.Ok && second > 3 * period)
            {
                told.Add($"{second} s: {verdict.Status} {verdict.Sentence}");
            }
        });

        Assert.True(told.Count == 0, $"{told.Count} alarms, such as\n{string.Join('\n', told.Take(3))}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void But_it_is_when_it_grows_beyond_that(bool isPolled)
    {
        const int Slow = 7_200;
        var warned = -1;
        new DayOfTraffic(new Swaying(20, 125) { SlowFrom = Slow }, 1, isPolled: isPolled).Run(Slow + 1_200, (second, verdict) =>
            warned = warned < 0 && second > Slow && verdict.Status == PartitionLagStatus.Warn ? second - Slow : warned);

        Assert.InRange(warned, 1, 300);
    }

    [Fact] // the figures of docs/benchmarks.md
    public void Burrows_rules_raise_alarms_on_the_same_days()
    {
        var all = 0;
        foreach (var habit in Habits.Select(row => row.Data.Item1).Distinct())
        {
            var (judged, alarms, spells, isAlarm) = (0, 0, 0, false);
            new DayOfTraffic(Make(habit, 1, int.MaxValue), 1).Run(Day, (_, _) => judged++, verdict =>
            {
                var was = isAlarm;
                isAlarm = verdict.Status != PartitionLagStatus.Ok;
                (alarms, spells) = (alarms + (isAlarm ? 1 : 0), spells + (isAlarm && !was ? 1 : 0));
            });
            TestContext.Current.TestOutputHelper?.WriteLine($"{habit}: {alarms} of {judged} verdicts, {spells} times");
            all += spells;
        }

        Assert.True(all > 0, "they would be no comparison");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_consumer_that_cannot_keep_up_is_told_of(bool isWindowAlone)
    {
        var statuses = new List<(int Second, PartitionLagStatus Status)>();
        new DayOfTraffic(new TooSlow(), 1, isWindowAlone).Run(1_800, (second, verdict) => statuses.Add((second, verdict.Status)));

        var warnings = statuses.Where(entry => entry.Status == PartitionLagStatus.Warn).ToArray();
        Assert.InRange(warnings[0].Second, 1, 300);
        Assert.True(warnings.Length > 0.8 * statuses.Count(entry => entry.Second > 300), $"{warnings.Length} of {statuses.Count} verdicts warn");
        Assert.DoesNotContain(statuses, entry => entry.Status > PartitionLagStatus.Warn);
    }

    public static TheoryData<double, int, bool, int> Sways =>
        [.. from seconds in (double[])[2, 10, 20, 30]
            from period in (int[])[60, 125, 300, 900]
            from isPolled in (bool[])[false, true]
            from seed in Enumerable.Range(1, 2)
            select new TheoryDataRow<double, int, bool, int>(seconds, period, isPolled, seed)];

    private static void NoAlarm(string habit, int seed, bool isWindowAlone, bool isPolled = false)
    {
        var (alarms, judged) = (new List<string>(), 0);
        new DayOfTraffic(Make(habit, seed, int.MaxValue), seed, isWindowAlone, isPolled).Run(Day, (second, verdict) =>
        {
            judged++;
            if (verdict.Status != PartitionLagStatus.Ok)
            {
                alarms.Add($"{second} s: {verdict.Status} {verdict.Sentence}");
            }
        });

        Assert.True(judged > 8_000 && alarms.Count == 0, $"{judged} judged, {alarms.Count} alarms, such as\n{string.Join('\n', alarms.Take(3))}");
    }

    [Theory] // how long after its death it may take, in seconds
    [InlineData("5 s", 70)]
    [InlineData("5 s, slow topic", 75)]
    [InlineData("60 s", 200)]
    [InlineData("10 min", 1_500)]
    [InlineData("batch", 9_000)]
    [InlineData("transactions", 90)]
    public void A_consumer_that_dies_is_found(string habit, int within)
    {
        const int Death = 40_000;
        for (var seed = 1; seed <= 3; seed++)
        {
            var found = -1;
            new DayOfTraffic(Make(habit, seed, Death), seed).Run(Death + 10_000, (second, verdict) =>
            {
                Assert.True(second >= Death || verdict.Status == PartitionLagStatus.Ok, $"{second} s: {verdict.Sentence}");
                found = found < 0 && verdict.Status == PartitionLagStatus.Stop ? second - Death : found;
            });

            Assert.InRange(found, 1, within);
        }
    }

    private static Habit Make(string habit, int seed, int stopAt) => habit switch
    {
        "5 s" => new Steady(5, 50, seed) { StopAt = stopAt },
        "5 s, slow topic" => new Steady(5, 0.5, seed) { StopAt = stopAt },
        "60 s" => new Steady(60, 200, seed) { StopAt = stopAt },
        "10 min" => new Steady(600, 20, seed) { StopAt = stopAt },
        "batch" => new Batch(1) { StopAt = stopAt },
        "batch in many commits" => new Batch(30) { StopAt = stopAt },
        "low traffic" => new LowTraffic { StopAt = stopAt },
        "transactions" => new Transactional { StopAt = stopAt },
        "idle" => new Idle { StopAt = stopAt },
        "bursts" => new Bursts { StopAt = stopAt },
        _ => throw new ArgumentOutOfRangeException(nameof(habit), habit, "Not a habit"),
    };
}
