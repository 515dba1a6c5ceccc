using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Host.Tests.Storage;

public sealed class HistoryTests(StorageServer server) : StorageTests(server)
{
    private const string Bytes = "broker.bytes_in_per_second";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private static readonly string[] Brokers = ["broker:1", "broker:2"];

    private DateTimeOffset _now;
    private ClusterLease _lease = null!;

    private HistoryStore History => Storage.Get<HistoryStore>();

    [Fact]
    public async Task Fresh_frames_are_read_back_as_written()
    {
        await AppendAsync(_now.AddSeconds(-30), [1, 10]);
        await AppendAsync(_now.AddSeconds(-15), [2, 20]);

        var range = await ReadAsync(TimeSpan.FromMinutes(1), 100);

        Assert.Equal(TimeSpan.FromSeconds(15), range.Step);
        Assert.Equal(["broker:1", "broker:2"], range.Series.Select(series => series.Object));
        Assert.Equal([1, 2], Known(range, "broker:1"));
        Assert.Equal([10, 20], Known(range, "broker:2"));
        Assert.Equal("broker:2", Assert.Single((await ReadAsync(TimeSpan.FromMinutes(1), 100, "broker:2")).Series).Object);
        Assert.Empty((await History.QueryAsync(new HistoryQuery(_lease.Cluster, ["unknown"], _now.AddHours(-1), _now, 10), Token)).Series);
    }

    [Fact]
    public async Task What_was_not_measured_is_a_gap_and_never_a_number()
    {
        await AppendAsync(_now.AddMinutes(-10), [1, float.NaN]);
        await AppendAsync(_now.AddMinutes(-2), [3, 30]);

        var range = await ReadAsync(TimeSpan.FromMinutes(12), 100);

        var first = range.Series.Single(series => series.Object == "broker:1").Averages;
        Assert.Equal([1, 3], first.Where(value => !float.IsNaN(value)));
        Assert.True(first.Count(float.IsNaN) > 40);
        Assert.Equal([30], Known(range, "broker:2"));
    }

    [Fact]
    public async Task A_value_stands_for_its_interval_when_the_grid_is_finer()
    {
        await History.AppendAsync(_lease, [HistoryFrame.OfCluster("disk", TimeSpan.FromMinutes(1), _now.AddSeconds(-100), 7), HistoryFrame.OfCluster("disk", TimeSpan.FromMinutes(1), _now.AddSeconds(-40), 8)], Token);

        var series = Assert.Single((await History.QueryAsync(new HistoryQuery(_lease.Cluster, ["disk"], _now.AddMinutes(-3), _now, 100), Token)).Series);

        Assert.Equal([7, 7, 7, 7, 8], series.Averages.Where(value => !float.IsNaN(value)));
    }

    [Fact]
    public async Task Rolled_up_minutes_and_hours_keep_average_minimum_and_maximum()
    {
        var start = Hour(_now).AddHours(-3);
        await ReopenAsync(start);
        for (var at = start; at < start.AddHours(2); at += TimeSpan.FromSeconds(30))
        {
            await AppendAsync(at, [at.Minute, 5]);
        }

        await Storage.Get<HistoryRollups>().RollUpAsync(Token);

        Assert.Equal(120, await CountAsync("history_minute"));
        Assert.Equal(2, await CountAsync("history_hour"));
        var hours = await History.QueryAsync(new HistoryQuery(_lease.Cluster, [Bytes], start, start.AddHours(2), 3, "broker:1"), Token);
        var series = Assert.Single(hours.Series);
        Assert.Equal(TimeSpan.FromHours(1), hours.Step);
        Assert.Equal([29.5f, 29.5f], series.Averages.Take(2));
        Assert.Equal([0f, 0f], series.Minima.Take(2));
        Assert.Equal([59f, 59f], series.Maxima.Take(2));
    }

    [Fact]
    public async Task A_chart_reads_the_newest_part_from_what_is_not_rolled_up_yet()
    {
        var start = Hour(_now).AddHours(-1);
        await ReopenAsync(start);
        await AppendAsync(start, [1, 1]);
        await Storage.Get<HistoryRollups>().RollUpAsync(Token);
        await Storage.ExecuteAsync("DELETE FROM history_fine", Token);
        await AppendAsync(_now, [9, 9]);

        var range = await ReadAsync(_now - start + TimeSpan.FromMinutes(1), 60);

        Assert.Equal([1, 9], Known(range, "broker:1"));
    }

    [Fact]
    public async Task Late_frames_reopen_the_minutes_they_belong_to()
    {
        var minute = Minute(_now).AddMinutes(-30);
        await AppendAsync(minute, [1, 1]);
        await Storage.Get<HistoryRollups>().RollUpAsync(Token);
        await AppendAsync(minute.AddSeconds(15), [3, 3]);

        await Storage.Get<HistoryRollups>().RollUpAsync(Token);

        var averages = await Storage.ScalarAsync<float[]>("SELECT averages FROM history_minute", Token);
        var samples = await Storage.ScalarAsync<int[]>("SELECT samples FROM history_minute", Token);
        Assert.Equal([2f, 2f], averages);
        Assert.Equal([2, 2], samples);
    }

    [Fact]
    public async Task The_same_frames_twice_are_stored_once()
    {
        var frame = new HistoryFrame(Bytes, Interval, _now, Brokers, [1, 2]);
        await History.AppendAsync(_lease, [frame], Token);

        await History.AppendAsync(_lease, [frame, frame with { At = _now.AddSeconds(15) }], Token);

        Assert.Equal(2, await CountAsync("history_fine"));
    }

    [Fact]
    public async Task A_stale_owner_writes_no_history()
    {
        await AppendAsync(_now, [1, 2]);
        await Storage.ExecuteAsync("UPDATE cluster_ownership SET lease_until = now() - interval '1 second'", Token);
        await Storage.Get<OwnershipStore>().TryClaimAsync(_lease.Cluster, Guid.NewGuid(), Token);

        await Assert.ThrowsAsync<StaleEpochException>(() => AppendAsync(_now.AddSeconds(1), [3, 4]));

        Assert.Equal(1, await CountAsync("history_fine"));
    }

    [Fact]
    public async Task The_owner_of_a_removed_cluster_is_told_so()
    {
        await AppendAsync(_now, [1, 2]);
        await Storage.Get<ClusterStore>().RemoveAsync(_lease.Cluster, Token);

        await Assert.ThrowsAsync<StaleEpochException>(() => AppendAsync(_now.AddSeconds(1), [3, 4]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SELECT set_config('kcp.cluster', 'orders', true), set_config('kcp.epoch', '0', true);")]
    [InlineData("SELECT set_config('kcp.cluster', 'other', true), set_config('kcp.epoch', (SELECT epoch::text FROM cluster_ownership WHERE cluster = 'other'), true);")]
    public async Task The_database_refuses_history_past_the_guard(string declare)
    {
        await AppendAsync(_now, [1, 2]);
        await Storage.Get<OwnershipStore>().TryClaimAsync(await Storage.AddClusterAsync("other", Token), Guid.NewGuid(), Token);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Storage.ExecuteAsync(
            $"BEGIN; {declare} INSERT INTO history_fine SELECT series, at + interval '1 s', objects, values FROM history_fine; COMMIT", Token));

        Assert.Equal(StorageErrorCodes.StaleEpoch, refused.SqlState);
    }

    [Fact]
    public async Task Retention_removes_each_resolution_at_its_age()
    {
        await AppendAsync(_now.AddHours(-7), [1, 1]);
        await AppendAsync(_now.AddHours(-5), [1, 1]);

        Assert.Equal(1, await Storage.Get<HistoryRollups>().RemoveOldAsync(Token));

        Assert.Equal(1, await CountAsync("history_fine"));
    }

    [Fact]
    public async Task Two_roll_ups_at_once_give_the_same_result_as_one()
    {
        await using var other = AnotherProcess();
        for (var i = 0; i < 50; i++)
        {
            await AppendAsync(Minute(_now).AddMinutes(-60 + i), [i, i]);
        }

        await Task.WhenAll(Storage.Get<HistoryRollups>().RollUpAsync(Token), other.Get<HistoryRollups>().RollUpAsync(Token));

        Assert.Equal(50, await CountAsync("history_minute"));
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var cluster = await Storage.AddClusterAsync("orders", Token);
        _lease = (await Storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token))!;
        await Storage.ExecuteAsync("UPDATE cluster_ownership SET lease_until = now() + interval '10 minutes'", Token);
        _now = new DateTimeOffset(await Storage.ScalarAsync<DateTime>("SELECT date_trunc('second', now())", Token));
    }

    private static DateTimeOffset Minute(DateTimeOffset at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerMinute), at.Offset);

    private static DateTimeOffset Hour(DateTimeOffset at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerHour), at.Offset);

    private static IEnumerable<float> Known(HistoryRange range, string name) =>
        range.Series.Single(series => series.Object == name).Averages.Where(value => !float.IsNaN(value));

    private Task AppendAsync(DateTimeOffset at, float[] values) =>
        History.AppendAsync(_lease, [new HistoryFrame(Bytes, Interval, at, Brokers, values)], Token);

    private Task<HistoryRange> ReadAsync(TimeSpan back, int maxPoints, string? name = null) =>
        History.QueryAsync(new HistoryQuery(_lease.Cluster, [Bytes], _now - back, _now.AddSeconds(15), maxPoints, name), Token);

    private Task ReopenAsync(DateTimeOffset at) =>
        Storage.ExecuteAsync($"UPDATE history_rollups SET rolled_until = '{at:O}'", Token);

    private Task<long> CountAsync(string table) => Storage.ScalarAsync<long>($"SELECT count(*) FROM {table}", Token);
}
