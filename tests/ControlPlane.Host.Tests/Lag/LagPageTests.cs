using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Api;
using ControlPlane.Lag;
using ControlPlane.Lag.Metrics;
using OffsetCommitted = ControlPlane.Engine.Lag.Feed.OffsetCommitted;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>What /metrics says of groups: which lines there are, under which names, and how many.</summary>
public sealed class LagPageTests
{
    private const long Now = 1_800_000_000_000;
    private static readonly ClusterId Cluster = new("prod");

    private readonly EndOffsetStore _ends = new();
    private readonly LagShard _shard;
    private readonly List<Group> _groups = [];

    public LagPageTests() => _shard = new LagShard(new LagStoreOptions(), _ends);

    [Fact]
    public void By_default_there_is_a_line_for_each_group_and_metric_and_none_for_its_partitions()
    {
        Keep("billing", "orders", 40, 100);
        Keep("audit", "orders", 100);
        _groups.Add(new Group("unread", "classic", "consumer", "Empty", 1, null));

        var lines = Lines(Page(new LagMetricsOptions()));

        Assert.Contains("kcp_consumer_group_lag{cluster=\"prod\",group=\"billing\"} 60", lines);
        Assert.Contains("kcp_consumer_group_lag{cluster=\"prod\",group=\"audit\"} 0", lines);
        Assert.Contains("kcp_consumer_group_status{cluster=\"prod\",group=\"audit\"} 1", lines);
        Assert.Contains(lines, line => line.StartsWith("kcp_consumer_group_time_lag_seconds{cluster=\"prod\",group=\"billing\"} ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("topic", StringComparison.Ordinal) || line.Contains("unread", StringComparison.Ordinal)); // what is unknown has no line
    }

    [Fact]
    public void Partitions_with_the_most_lag_fill_the_budget_and_the_others_are_counted()
    {
        for (var group = 0; group < 10; group++)
        {
            Keep($"g{group}", "orders", 100 - group, 100 - (group * 2));
        }

        var lines = Lines(Page(new LagMetricsOptions { Level = LagMetricsLevel.Partition, MaxSeries = 4 }));

        Assert.Equal(
            ["g6\",partition=\"1\",topic=\"orders\"} 12", "g7\",partition=\"1\",topic=\"orders\"} 14", "g8\",partition=\"1\",topic=\"orders\"} 16", "g9\",partition=\"1\",topic=\"orders\"} 18"],
            lines.Where(line => line.StartsWith("kcp_consumer_group_partition_lag", StringComparison.Ordinal)).Select(line => line[line.IndexOf('g', "kcp_consumer_group_partition_lag{cluster=\"prod\",group=".Length)..]).Order(StringComparer.Ordinal));
        Assert.Contains("kcp_lag_series_left_out{cluster=\"prod\",level=\"partition\"} 16", lines);
        Assert.Contains("kcp_lag_series_left_out{cluster=\"prod\",level=\"topic\"} 6", lines);
        Assert.Equal(10, lines.Count(line => line.StartsWith("kcp_consumer_group_lag{", StringComparison.Ordinal)));
        Assert.Contains("kcp_lag_series_left_out{cluster=\"prod\",level=\"partition\"} 20", Lines(Page(new LagMetricsOptions { Level = LagMetricsLevel.Partition, MaxSeries = 0 })));
    }

    [Fact]
    public void Others_names_carry_their_own_labels_and_values()
    {
        Keep("billing", "orders", 40, 100);
        var lines = Lines(Page(Everything));

        foreach (var expected in new[]
        {
            "burrow_kafka_consumer_lag_total{cluster=\"prod\",consumer_group=\"billing\"} 60",
            "burrow_kafka_consumer_status{cluster=\"prod\",consumer_group=\"billing\"} 3",
            "burrow_kafka_consumer_partition_lag{cluster=\"prod\",consumer_group=\"billing\",partition=\"0\",topic=\"orders\"} 60",
            "burrow_kafka_consumer_current_offset{cluster=\"prod\",consumer_group=\"billing\",partition=\"1\",topic=\"orders\"} 100",
            "burrow_kafka_topic_partition_status{cluster=\"prod\",consumer_group=\"billing\",partition=\"0\",topic=\"orders\"} 4",
            "burrow_kafka_topic_partition_offset{cluster=\"prod\",partition=\"0\",topic=\"orders\"} 100",
            "kminion_kafka_consumer_group_info{cluster=\"prod\",group_id=\"billing\",protocol=\"\",protocol_type=\"consumer\",state=\"Stable\",coordinator_id=\"1\"} 1",
            "kminion_kafka_consumer_group_members{cluster=\"prod\",group_id=\"billing\"} 1",
            "kminion_kafka_consumer_group_empty_members{cluster=\"prod\",group_id=\"billing\"} 0",
            "kminion_kafka_consumer_group_topic_assigned_partitions{cluster=\"prod\",group_id=\"billing\",topic_name=\"orders\"} 2",
            "kminion_kafka_consumer_group_topic_offset_sum{cluster=\"prod\",group_id=\"billing\",topic_name=\"orders\"} 140",
            "kminion_kafka_consumer_group_topic_partition_lag{cluster=\"prod\",group_id=\"billing\",topic_name=\"orders\",partition_id=\"0\"} 60",
            "kminion_kafka_topic_partition_high_water_mark{cluster=\"prod\",topic_name=\"orders\",partition_id=\"0\"} 100",
            "kafka_consumergroup_lag{cluster=\"prod\",consumergroup=\"billing\",partition=\"0\",topic=\"orders\"} 60",
            "kafka_consumergroup_lag_sum{cluster=\"prod\",consumergroup=\"billing\",topic=\"orders\"} 60",
            "kafka_consumergroup_current_offset{cluster=\"prod\",consumergroup=\"billing\",partition=\"0\",topic=\"orders\"} 40",
            "kafka_consumergroup_group_max_lag{cluster_name=\"prod\",group=\"billing\"} 60",
            "kafka_consumergroup_group_lag{cluster_name=\"prod\",group=\"billing\",topic=\"orders\",partition=\"0\",member_host=\"/10.0.0.1\",consumer_id=\"m-1\",client_id=\"client\"} 60",
            "kafka_partition_latest_offset{cluster_name=\"prod\",topic=\"orders\",partition=\"1\"} 100",
        })
        {
            Assert.Contains(expected, lines);
        }

        var seconds = Assert.Single(lines, line => line.StartsWith("kafka_consumergroup_group_max_lag_seconds{", StringComparison.Ordinal));
        Assert.True(double.Parse(seconds.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture) > 0, seconds);
        Assert.DoesNotContain(lines, line => line.EndsWith("NaN", StringComparison.Ordinal) || line.Contains(" -", StringComparison.Ordinal));
    }

    [Fact]
    public void Partitions_never_committed_on_are_minus_one_under_the_names_of_kafka_exporter_and_nowhere_else()
    {
        Keep("billing", "orders", 40); // of two partitions
        var lines = Lines(Page(Everything));

        Assert.Equal(
            [
                "kafka_consumergroup_current_offset{cluster=\"prod\",consumergroup=\"billing\",partition=\"1\",topic=\"orders\"} -1",
                "kafka_consumergroup_lag{cluster=\"prod\",consumergroup=\"billing\",partition=\"1\",topic=\"orders\"} -1",
            ],
            lines.Where(line => line.Contains("partition=\"1\"", StringComparison.Ordinal) || line.Contains("partition_id=\"1\"", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("kafka_consumergroup_current_offset_sum{cluster=\"prod\",consumergroup=\"billing\",topic=\"orders\"} 39", lines);
        Assert.Contains("kafka_consumergroup_lag_sum{cluster=\"prod\",consumergroup=\"billing\",topic=\"orders\"} 60", lines);
        Assert.Contains("kminion_kafka_consumer_group_topic_offset_sum{cluster=\"prod\",group_id=\"billing\",topic_name=\"orders\"} 40", lines);
        Assert.DoesNotContain(Lines(Page(new LagMetricsOptions { KMinion = true, Burrow = true, LagExporter = true })), line => line.EndsWith(" -1", StringComparison.Ordinal));
    }

    [Fact]
    public void Commits_are_counted_as_they_are_followed_and_begin_anew_with_the_group()
    {
        Keep("billing", "orders", 40, 100);
        Keep("audit", "orders", 100);
        var book = new LagBook(_ends, new LagStoreOptions(), TimeProvider.System) { Commits = new CommitCounts() };
        var events = new ShardEvents(book, 0, TimeProvider.System, [], () => { });
        for (var commit = 0; commit < 7; commit++)
        {
            events.Committed(new OffsetCommitted("billing", "orders", commit % 2, null, commit, null, Now, commit, false));
        }

        Assert.Equal("kminion_kafka_consumer_group_offset_commits_total{cluster=\"prod\",group_id=\"billing\"} 7", Assert.Single(Counted()));
        Assert.True(Page(new LagMetricsOptions { KMinion = true }, book.Commits).Families.Single(family => family.Name.EndsWith("_commits_total", StringComparison.Ordinal)).IsCounter);
        events.GroupDeleted("billing");
        Assert.Empty(Counted());

        IEnumerable<string> Counted() => Lines(Page(new LagMetricsOptions { KMinion = true }, book.Commits)).Where(line => line.Contains("offset_commits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Any_name_makes_lines_that_Prometheus_reads_and_none_twice()
    {
        string[] names = ["quote\"back\\slash", "line\nbreak", "tab\tand\u0001", "a/b", "100%", "😀", "😁", "äöü", new string('g', 10_000), "\r", " "];
        foreach (var name in names)
        {
            Keep(name, "orders", 40);
        }

        var own = Text(Page(new LagMetricsOptions { Level = LagMetricsLevel.Partition }));
        await Promtool.CheckAsync(own);
        var lines = Text(Page(Everything)).Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]).ToList();
        Assert.Equal(lines.Count, lines.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(names.Length, lines.Count(line => line.StartsWith("kcp_consumer_group_lag{", StringComparison.Ordinal)));
        Assert.Contains("group=\"quote\\\"back\\\\slash\"", own, StringComparison.Ordinal);
        Assert.Contains("group=\"line\\nbreak\"", own, StringComparison.Ordinal);
        Assert.Contains("group=\"😁\"", own, StringComparison.Ordinal);
    }

    [Fact]
    public void Packed_parts_one_after_the_other_are_one_stream_and_a_group_that_is_gone_has_no_line()
    {
        Keep("billing", "orders", 40);
        Keep("audit", "orders", 100);
        var pages = new LagPages();
        pages.Show(Cluster, Page(new LagMetricsOptions()));
        using var packed = new MemoryStream();
        foreach (var family in pages.Read(_ => true, isPacked: true).SelectMany(group => group))
        {
            packed.Write(family.Packed);
        }

        packed.Position = 0;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        Assert.Equal(string.Concat(pages.Read(_ => true, isPacked: false).SelectMany(group => group).Select(family => Encoding.UTF8.GetString(family.Lines))), reader.ReadToEnd());

        _groups.RemoveAll(group => group.Id == "audit");
        pages.Show(Cluster, Page(new LagMetricsOptions()));
        Assert.DoesNotContain(pages.Read(_ => true, false).SelectMany(group => group), family => Encoding.UTF8.GetString(family.Lines).Contains("audit", StringComparison.Ordinal));
        Assert.Empty(pages.Read(_ => false, false)); // another process owns it now
        pages.Remove(Cluster);
        Assert.Empty(pages.Read(_ => true, false));
    }

    private static LagMetricsOptions Everything => new() { Level = LagMetricsLevel.Partition, Burrow = true, KMinion = true, KafkaExporter = true, LagExporter = true };

    /// <summary>Ten commits of the same offset, long ago, and a log that ends at 100.</summary>
    private void Keep(string group, string topic, params long[] committed)
    {
        var id = _ends.IdOf(topic);
        for (var partition = 0; partition < committed.Length; partition++)
        {
            _ends.Add(id, partition, 90, Now - 900_000, 0);
            _ends.Add(id, partition, 100, Now - 1_000, 0);
            for (var commit = 0; commit < 10; commit++)
            {
                var at = Now - 600_000 + (commit * 5_000);
                _shard.Commit(group, topic, partition, new CommitPoint(committed[partition], at, at, at));
            }
        }

        _groups.Add(new Group(group, "classic", "consumer", "Stable", 1, [new GroupMember("m-1", null, "client", "/10.0.0.1", [.. committed.Select((_, partition) => new AssignedPartition(topic, partition))])]));
    }

    private LagPage Page(LagMetricsOptions options, CommitCounts? commits = null)
    {
        var (judge, snapshot, model) = (new GroupJudge(LagPolicy.Usual, TimeSpan.FromMinutes(5)), new LagSnapshot(), A.Cluster().Brokers(1).Topic("orders", 2, 1).Build());
        var builder = new LagPageBuilder(Cluster, options, LagNames.Of(options)) { Partitions = model.Partitions, Commits = commits };
        foreach (var group in _groups)
        {
            if (_shard.TryRead(group.Id, snapshot))
            {
                builder.Add(group, snapshot, judge.Judge(snapshot, group, model, Now), Now);
            }
            else
            {
                builder.Add(group, model);
            }
        }

        return builder.Build();
    }

    private static string[] Lines(LagPage page) => [.. page.Families.SelectMany(family => Encoding.UTF8.GetString(family.Lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    private static string Text(LagPage page) => string.Concat(page.Families.Select(family => $"# HELP {family.Name} {family.Help}\n# TYPE {family.Name} {(family.IsCounter ? "counter" : "gauge")}\n{Encoding.UTF8.GetString(family.Lines)}"));
}
