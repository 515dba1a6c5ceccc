using System.Diagnostics;
using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;
using Npgsql;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>Two processes on one database share the clusters; what one can't do any more, the other does.</summary>
[Collection(Row.Others)]
public sealed class TwoProcessesTests(Stage stage)
{
    private const int Clusters = 6;
    private static readonly TimeSpan Sharing = TimeSpan.FromSeconds(120);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_other_owns_all_clusters_soon_after_one_is_killed_and_its_pages_show_them()
    {
        await using var pair = await Pair.StartAsync(stage, Token);
        await using var visitor = await stage.VisitAsync(pair.Second);
        await pair.SharedAsync(Token);
        await visitor.LogInAsync();
        await visitor.InteractiveAsync();

        var watch = Stopwatch.StartNew();
        pair.First.Kill();
        await pair.Second.UntilAsync<Page<ClusterSummaryDto>>(
            "/api/v1/clusters",
            page => page.Items.Count == Clusters && page.Items.All(row => row.Owner == page.Items[0].Owner && row.DataAgeSeconds < 15),
            Sharing,
            Token);

        Tell($"kill -9 of the owner until the other owns and samples all {Clusters} clusters: {watch.Elapsed.TotalSeconds:0.0} s (under 15 on a machine that does nothing else)");
        await Assertions.Expect(visitor.Page.GetByTestId("fleet-table").Locator("tr[data-row]")).ToHaveCountAsync(Clusters);
        await visitor.GoAsync("/c/sim-1");
        await Assertions.Expect(visitor.Page.GetByTestId("overview-stats")).ToContainTextAsync("3/3");
        await pair.NeverTwoOwnersAsync();
    }

    [Fact]
    public async Task A_process_that_slept_past_its_lease_writes_nothing_under_its_old_epoch()
    {
        await using var pair = await Pair.StartAsync(stage, Token);
        await pair.SharedAsync(Token);
        await pair.WatchHistoryAsync(Token);
        await pair.HistoryOfAllAsync(Token);
        await pair.First.PauseAsync(Token);
        var all = await pair.OwnedByOneAsync(Token);
        var before = await pair.OwnersAsync(Token);

        await pair.First.ContinueAsync(Token);
        await pair.SharedAsync(Token);
        await pair.HistoryOfAllAsync(Token); // both write again, each what it owns now

        Assert.Empty(await pair.UnownedHistoryAsync(Token));
        Assert.All((await pair.OwnersAsync(Token)).Values, row => Assert.True(
            row.Epoch > before[row.Cluster].Epoch || (row.Epoch == before[row.Cluster].Epoch && (row.Owner == all || row.Owner is null)), // null: given up, not yet taken
            $"{row.Cluster} went back to epoch {row.Epoch} of {row.Owner}"));
        await pair.NeverTwoOwnersAsync();
    }

    private static void Tell(string figure) => TestContext.Current.TestOutputHelper?.WriteLine(figure);

    private sealed record Ownership(string Cluster, Guid? Owner, long Epoch);

    /// <summary>Two processes, their clusters, and a watch on the database that remembers every owner it saw.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly HashSet<Ownership> _seen = [];
        private readonly CancellationTokenSource _stop = new();
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kcp-pair-");
        private NpgsqlDataSource _database = null!;
        private Task _watching = Task.CompletedTask;

        public ProductProcess First { get; private set; } = null!;

        public ProductProcess Second { get; private set; } = null!;

        public static async Task<Pair> StartAsync(Stage stage, CancellationToken cancellationToken)
        {
            var pair = new Pair();
            var connection = await stage.NewDatabaseAsync(cancellationToken);
            pair._database = NpgsqlDataSource.Create(connection);
            var settings = new Dictionary<string, string> { ["Storage__MasterKeyFile"] = ProductProcess.WriteMasterKey(pair._folder.FullName), ["Sampling__History"] = "00:00:01" };
            pair.First = await ProductProcess.StartAsync(connection, settings, cancellationToken);
            await using (var visitor = await stage.VisitAsync(pair.First))
            {
                await visitor.LogInFirstAsync();
            }

            for (var index = 1; index <= Clusters; index++)
            {
                var request = new CreateClusterRequest
                {
                    Id = $"sim-{index}",
                    Kind = ClusterKind.Simulated,
                    Simulation = new() { Brokers = 3, Topics = 5, PartitionsPerTopic = 4, Groups = 2, Seed = index },
                };
                using var answer = await pair.First.Http.PostAsJsonAsync("/api/v1/clusters", request, Json.Options, cancellationToken);
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
            }

            pair.Second = await ProductProcess.StartAsync(connection, settings, cancellationToken);
            pair._watching = pair.WatchAsync();
            return pair;
        }

        /// <summary>Waits until each of the two owns some.</summary>
        public async Task SharedAsync(CancellationToken cancellationToken) =>
            await UntilAsync(rows => rows.All(row => row.Owner is not null) && rows.Select(row => row.Owner).Distinct().Count() == 2, cancellationToken);

        public async Task<Guid?> OwnedByOneAsync(CancellationToken cancellationToken) =>
            (await UntilAsync(rows => rows.All(row => row.Owner is not null) && rows.Select(row => row.Owner).Distinct().Count() == 1, cancellationToken))[0].Owner;

        public async Task<Dictionary<string, Ownership>> OwnersAsync(CancellationToken cancellationToken) =>
            (await ReadAsync(cancellationToken)).ToDictionary(row => row.Cluster, StringComparer.Ordinal);

        /// <summary>Has the database note, for every row of history, the epoch under which it was written and the one that held then.</summary>
        public Task WatchHistoryAsync(CancellationToken cancellationToken) => ExecuteAsync(
            """
            CREATE TABLE history_writes (id bigint GENERATED ALWAYS AS IDENTITY, cluster text, carried bigint, held bigint, in_lease boolean);
            CREATE FUNCTION note_history_write() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO history_writes (cluster, carried, held, in_lease)
                SELECT o.cluster, current_setting('kcp.epoch')::bigint, o.epoch, o.lease_until > clock_timestamp()
                FROM cluster_ownership o WHERE o.cluster = current_setting('kcp.cluster');
                RETURN NULL;
            END $$;
            CREATE TRIGGER note_history_write AFTER INSERT ON history_fine FOR EACH ROW EXECUTE FUNCTION note_history_write();
            """,
            cancellationToken);

        /// <summary>Waits until history of every cluster is written under the epoch of now.</summary>
        public async Task HistoryOfAllAsync(CancellationToken cancellationToken)
        {
            var watch = Stopwatch.StartNew();
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (true)
            {
                await using var command = _database.CreateCommand(
                    "SELECT count(*) FROM cluster_ownership o WHERE EXISTS (SELECT FROM history_writes w WHERE w.cluster = o.cluster AND w.carried = o.epoch)");
                if (await command.ExecuteScalarAsync(cancellationToken) is (long)Clusters)
                {
                    return;
                }

                Assert.True(watch.Elapsed < Sharing, $"no history of every cluster after {watch.Elapsed}");
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }

        /// <summary>Rows of history that were written under an epoch that did not hold any more, or after the lease.</summary>
        public async Task<List<string>> UnownedHistoryAsync(CancellationToken cancellationToken)
        {
            await using var command = _database.CreateCommand("SELECT to_json(w)::text FROM history_writes w WHERE carried IS DISTINCT FROM held OR NOT in_lease");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<string>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(reader.GetString(0));
            }

            return rows;
        }

        /// <summary>Of all that was ever seen: one epoch of a cluster had one owner.</summary>
        public async Task NeverTwoOwnersAsync()
        {
            await _stop.CancelAsync();
            await _watching;
            var shared = _seen.Where(row => row.Owner is not null).GroupBy(row => (row.Cluster, row.Epoch)).Where(group => group.Count() > 1);
            Assert.True(_seen.Count >= Clusters && !shared.Any(), string.Join('\n', shared.SelectMany(group => group)));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _watching;
            await First.DisposeAsync();
            await Second.DisposeAsync();
            await _database.DisposeAsync();
            _stop.Dispose();
            _folder.Delete(recursive: true);
        }

        private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
        {
            await using var command = _database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        private async Task<List<Ownership>> UntilAsync(Func<List<Ownership>, bool> condition, CancellationToken cancellationToken)
        {
            var watch = Stopwatch.StartNew();
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (true)
            {
                var rows = await ReadAsync(cancellationToken);
                if (condition(rows))
                {
                    return rows;
                }

                Assert.True(watch.Elapsed < Sharing, $"not so after {watch.Elapsed}: {string.Join(", ", rows)}");
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }

        private async Task WatchAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            try
            {
                while (await timer.WaitForNextTickAsync(_stop.Token))
                {
                    _seen.UnionWith(await ReadAsync(_stop.Token));
                }
            }
            catch (OperationCanceledException)
            {
                // told to stop
            }
        }

        private async Task<List<Ownership>> ReadAsync(CancellationToken cancellationToken)
        {
            await using var command = _database.CreateCommand("SELECT cluster, owner, epoch FROM cluster_ownership ORDER BY cluster");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<Ownership>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(new(reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetGuid(1), reader.GetInt64(2)));
            }

            return rows;
        }
    }
}
