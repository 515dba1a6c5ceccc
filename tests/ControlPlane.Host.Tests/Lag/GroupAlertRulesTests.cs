using ControlPlane.Engine.Model;
using ControlPlane.Lag;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>Which groups are told of, and from how many messages on.</summary>
public sealed class GroupAlertRulesTests
{
    [Theory]
    [InlineData("billing", false, 1_000_000L, false)]
    [InlineData("console-consumer-17", true, 1_000_000L, false)]
    [InlineData("batch-nightly", false, null, true)]
    [InlineData("batch-hourly", false, 5L, true)]
    [InlineData("console-consumer-batch-hourly", true, 5L, true)]
    public void The_first_rule_that_matches_counts_and_muting_goes_beside_it(string group, bool isMuted, long? limit, bool isOwn)
    {
        var rules = Rules(new LagAlertOptions
        {
            Ignore = ["^console-consumer-"],
            Groups = [new LagAlertRule { Match = "nightly$", CriticalMessages = 0 }, new LagAlertRule { Match = "batch", CriticalMessages = 5 }],
            StormGroups = 9,
            StormWindow = TimeSpan.FromMinutes(1),
            StormUpdate = TimeSpan.FromMinutes(3),
        });

        var storm = new LagStormRule(9, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3));
        Assert.Equal(new GroupAlertRule(isMuted, limit) { IsOwn = isOwn, Storm = storm }, rules.Of(group));
        Assert.Equal(rules.Of(group), rules.Of(group));
    }

    [Fact]
    public void An_expression_that_explodes_counts_as_not_matching()
    {
        var rules = Rules(new LagAlertOptions { Ignore = ["^(a+)+$"] });

        Assert.False(rules.Of(new string('a', 9_999) + "!").IsMuted);
        Assert.True(rules.Of("aaa").IsMuted);
    }

    [Theory]
    [InlineData(-1, "x", "x", 0, "Lag:Alerts:CriticalMessages")]
    [InlineData(0, "(", "x", 0, "Lag:Alerts:Ignore:0")]
    [InlineData(0, "", "x", 0, "Lag:Alerts:Ignore:0")]
    [InlineData(0, "x", "[", 0, "Lag:Alerts:Groups:0:Match")]
    [InlineData(0, "x", "x", -5, "Lag:Alerts:Groups:0:CriticalMessages")]
    public void Nonsense_is_refused_with_its_key(long critical, string ignored, string match, long limit, string key)
    {
        var options = new LagAlertOptions { CriticalMessages = critical, Ignore = [ignored], Groups = [new LagAlertRule { Match = match, CriticalMessages = limit }] };

        Assert.Contains(key, new LagAlertOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
        Assert.True(new LagAlertOptionsValidator().Validate(null, new LagAlertOptions()).Succeeded);
        Assert.True(new LagAlertOptionsValidator().Validate(null, new LagAlertOptions { Ignore = [.. Enumerable.Repeat("x", 101)] }).Failed);
    }

    [Theory]
    [InlineData(-1, 120, 300, "Lag:Alerts:StormGroups")]
    [InlineData(5, 9, 300, "Lag:Alerts:StormWindow")]
    [InlineData(5, 120, 29, "Lag:Alerts:StormUpdate")]
    public void A_storm_that_can_not_be_is_refused_with_its_key(int groups, int window, int update, string key)
    {
        var options = new LagAlertOptions { StormGroups = groups, StormWindow = TimeSpan.FromSeconds(window), StormUpdate = TimeSpan.FromSeconds(update) };

        Assert.Contains(key, new LagAlertOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory] // by the formatter of Kafka: the partition that keeps the group, of 50
    [InlineData("", 0)]
    [InlineData("a", 47)]
    [InlineData("polygenelubricants", 0)] // hashes to the smallest number
    public void A_group_is_kept_where_Java_hashes_it(string group, int partition) => Assert.Equal(partition, BrokerClocks.PartitionOf(group, 50));

    private static GroupAlertRules Rules(LagAlertOptions options) => new(Options.Create(options), NullLogger<GroupAlertRules>.Instance);
}
