using System.Text;
using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Engine.Tests.Lag.Feed;

/// <summary>Which commits count, and when a group is gone. Offsets of records are counted up by the test.</summary>
public sealed class GroupFeedTests
{
    private const short ClassicType = 2;

    private static readonly GroupFact Classic = new GroupFact.Classic("consumer", "range", 4, null, [new GroupMember("m", null, "c", "/h", null)]);

    private readonly List<string> _told = [];
    private readonly GroupFeed _feed;
    private long _record;

    public GroupFeedTests() => _feed = new GroupFeed(new Teller(_told));

    [Fact]
    public void A_commit_counts_at_once_and_its_tombstone_takes_it_back()
    {
        Commit("g", 5);
        Delete("g");
        _feed.Flush();

        Assert.Equal(["g t-0 = 5", "g t-0 deleted", "g gone"], _told);
        Assert.Equal((0, 0), (_feed.OffsetCount, _feed.GroupCount));
    }

    [Fact]
    public void A_transaction_counts_with_its_commit_marker_and_never_with_an_abort()
    {
        Commit("g", 5, producer: 1);
        Commit("g", 6, producer: 2, partition: 1);
        Assert.Empty(_told);

        _feed.EndTransaction(1, isCommit: true);
        _feed.EndTransaction(2, isCommit: false);
        _feed.EndTransaction(3, isCommit: true); // of other partitions' records

        Assert.Equal(["g t-0 = 5 tx"], _told);
        Assert.Empty(_feed.Export().Open);
        Assert.Equal((1, 1), (_feed.Counters.Committed, _feed.Counters.Aborted));
    }

    [Fact]
    public void A_plain_commit_inside_an_open_transaction_wins()
    {
        Commit("g", 5, producer: 1);
        Commit("g", 3);
        _feed.EndTransaction(1, isCommit: true);

        Assert.Equal(["g t-0 = 3"], _told);
        Assert.Equal(1, _feed.Counters.Older);
    }

    [Fact]
    public void A_tombstone_inside_an_open_transaction_takes_what_it_had_committed()
    {
        Commit("g", 5, producer: 1);
        Delete("g");
        _feed.EndTransaction(1, isCommit: true);

        Assert.Empty(_told);
    }

    [Fact]
    public void Open_commits_are_kept_up_to_a_limit()
    {
        var feed = new GroupFeed(new Teller(_told), new GroupFeedLimits(MaxOpenCommits: 2));
        for (var producer = 0; producer < 5; producer++)
        {
            feed.Commit("g"u8, "t"u8, producer, new CommitRecord(1, -1, 0, Guid.Empty, producer), producer);
        }

        Assert.Equal(3, feed.Counters.OpenCommitsRefused);
        Assert.Equal([0L, 1], feed.Export().Open.Select(one => one.ProducerId));
    }

    [Fact]
    public void A_negative_offset_is_none()
    {
        Commit("g", 5);
        Commit("g", -1);

        Assert.Equal(["g t-0 = 5", "g t-0 deleted"], _told);
        Assert.Equal(1, _feed.Counters.Negative);
    }

    [Fact]
    public void An_upgrade_between_protocols_is_no_deletion_even_without_offsets()
    {
        _feed.Tell("g", new GroupRecordKey(ClassicType, null), Classic);
        _feed.Flush();
        _feed.Tell("g", new GroupRecordKey(ClassicType, null), null);
        _feed.Tell("g", new GroupRecordKey(3, null), new GroupFact.Epoch(GroupKind.Consumer, 7));
        _feed.Tell("g", new GroupRecordKey(5, "m"), new GroupFact.Member(GroupKind.Consumer, new GroupMember("m", null, "c", "/h", null)));
        _feed.Flush();

        Assert.Equal(["g Classic 4 m", "g Consumer 7 m"], _told);
    }

    [Fact]
    public void A_group_goes_with_its_last_offset_and_its_last_record_whichever_is_later()
    {
        Commit("g", 5);
        _feed.Tell("g", new GroupRecordKey(ClassicType, null), Classic);
        _feed.Flush();
        _feed.Tell("g", new GroupRecordKey(ClassicType, null), null);
        _feed.Flush();
        Delete("g");
        _feed.Flush();

        Assert.Equal(["g t-0 = 5", "g Classic 4 m", "g OffsetsOnly ? ", "g t-0 deleted", "g gone"], _told);
    }

    [Fact]
    public void A_regular_expression_stands_for_the_topics_that_the_coordinator_found()
    {
        _feed.Tell("g", new GroupRecordKey(5, "m"), new GroupFact.Member(GroupKind.Consumer, new GroupMember("m", null, "c", "/h", null) { Subscribed = ["a"] }, "b.*"));
        _feed.Tell("g", new GroupRecordKey(16, "b.*"), new GroupFact.Resolved(["b1", "b2"]));
        _feed.Flush();

        Assert.Equal(["g Consumer ? m:a,b1,b2"], _told);
    }

    [Fact]
    public void Tasks_of_a_streams_group_are_partitions_of_its_source_topics()
    {
        _feed.Tell("g", new GroupRecordKey(19, "m"), new GroupFact.Member(GroupKind.Streams, new GroupMember("m", null, "c", "/h", null)));
        _feed.Tell("g", new GroupRecordKey(22, "m"), new GroupFact.Tasks(3, [("0", [1, 2])]));
        _feed.Tell("g", new GroupRecordKey(23, null), new GroupFact.Topology(new Dictionary<string, IReadOnlyList<string>> { ["0"] = ["x", "y"], ["1"] = ["z"] }));
        _feed.Flush();

        Assert.Equal(["g Streams ? m:x,y,z has x 1,2 has y 1,2"], _told);
    }

    [Fact]
    public void A_log_read_anew_proves_what_is_still_there_and_deletes_the_rest()
    {
        Commit("stays", 5);
        Commit("goes", 6);
        _feed.Tell("goes too", new GroupRecordKey(ClassicType, null), Classic);
        _feed.Flush();
        _told.Clear();

        _feed.BeginReplay();
        _record = 0; // the topic was made anew: records count from the beginning
        Commit("stays", 7);
        _feed.EndReplay();

        Assert.Equal(["restarted", "stays t-0 = 7", "goes t-0 deleted", "goes gone", "goes too gone"], _told);
    }

    [Fact]
    public void Names_that_nobody_has_are_forgotten()
    {
        for (var i = 0; i < 1_000; i++)
        {
            Commit($"group-{i}", 1);
            Delete($"group-{i}");
            Commit($"group-{i}", 1, producer: i);
            _feed.EndTransaction(i, isCommit: false);
            Delete($"never-{i}");
            _feed.Flush();
        }

        Assert.Equal((0, 0), (_feed.OffsetCount, _feed.GroupCount));
        Assert.Equal((0, 0), _feed.NameCounts);
    }

    [Fact]
    public void Random_logs_end_as_a_plain_reading_of_the_rules_says_wherever_they_are_cut()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var log = RandomLog.Of(new Random(seed));
            var expected = RandomLog.Offsets(log);
            for (var cut = 0; cut <= log.Count; cut += 7)
            {
                var told = new Book();
                var feed = new GroupFeed(told);
                RandomLog.Play(feed, log, 0, cut);
                var snapshot = feed.Export();
                var later = new GroupFeed(told);
                later.Import(snapshot);
                RandomLog.Play(later, log, cut, log.Count); // open transactions go on, and end where they end

                Assert.Equal(expected.OrderBy(pair => pair.Key), told.Offsets.OrderBy(pair => pair.Key));
                Assert.Equal(expected.Count, later.OffsetCount);
            }
        }
    }

    private void Commit(string group, long offset, long? producer = null, int partition = 0) =>
        _feed.Commit(Encoding.UTF8.GetBytes(group), "t"u8, partition, new CommitRecord(offset, -1, 0, Guid.Empty, _record++), producer);

    private void Delete(string group) => _feed.Delete(Encoding.UTF8.GetBytes(group), "t"u8, 0, _record++);

    private sealed class Teller(List<string> told) : IGroupEvents
    {
        public void Committed(in OffsetCommitted commit) => told.Add($"{commit.Group} {commit.Topic}-{commit.Partition} = {commit.Offset}{(commit.IsTransactional ? " tx" : "")}");

        public void Deleted(in OffsetDeleted offset) => told.Add($"{offset.Group} {offset.Topic}-{offset.Partition} deleted");

        public void Changed(GroupState group) => told.Add($"{group.Group} {group.Kind} {group.Generation?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} {string.Join(' ', group.Members.Select(Text))}");

        public void GroupDeleted(string group) => told.Add($"{group} gone");

        public void Restarted() => told.Add("restarted");

        private static string Text(GroupMember member) =>
            member.MemberId + (member.Subscribed is { } topics ? ":" + string.Join(',', topics) : "")
            + string.Concat((member.Assigned ?? []).Select(has => $" has {has.Topic} {string.Join(',', has.Partitions)}"));
    }

    private sealed class Book : IGroupEvents
    {
        public Dictionary<(string, int), long> Offsets { get; } = [];

        public void Committed(in OffsetCommitted commit) => Offsets[(commit.Group, commit.Partition)] = commit.Offset;

        public void Deleted(in OffsetDeleted offset) => Offsets.Remove((offset.Group, offset.Partition));

        public void Changed(GroupState group) => Assert.NotEmpty(group.Group);

        public void GroupDeleted(string group) => Assert.DoesNotContain(Offsets.Keys, key => key.Item1 == group);

        public void Restarted() => Assert.Fail("nothing was lost");
    }
}
