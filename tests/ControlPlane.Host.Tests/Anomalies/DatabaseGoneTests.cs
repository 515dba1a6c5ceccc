using ControlPlane.Engine.Anomalies;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Anomalies;

/// <summary>A server of its own, because it is stopped.</summary>
public sealed class DatabaseGoneTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_transition_is_lost_or_told_twice_while_the_database_is_away()
    {
        await using var server = await StorageServer.StartOwnAsync(Token);
        await using var storage = new TestStorage(await server.CreateDatabaseAsync("gone", template: null, Token));
        await storage.Get<DatabaseSetup>().RunAsync(Token);
        await storage.ExecuteAsync(RowSink.Table, Token);
        var sink = new RowSink();
        await using var bench = new AnomalyBench(storage, await storage.AddClusterAsync("orders", Token), sink);
        await bench.StartAsync(await bench.ClaimAsync());
        bench.Down.Add(1);
        await bench.UntilAsync(() => sink.Heard.Contains("Pending>Active"), "the first is told");

        await server.StopAsync(Token);
        bench.Down.Add(2);
        await bench.UntilAsync(() => bench.Open.Count(one => one.State is AnomalyState.Active) == 2, "two are active in memory");
        bench.Down.Clear();
        await bench.UntilAsync(() => bench.Open.Count == 0, "both are over in memory");
        await server.StartAsync(Token);
        await bench.UntilAsync(async () => await bench.Store.CountOpenAsync(bench.Cluster, Token) == 0 && sink.Heard.Count(told => told == "Active>Resolved") == 2, "all is stored");

        var all = await bench.Store.ListAsync(new AnomalyFilter { States = [AnomalyState.Resolved] }, 0, 10, Token);
        Assert.Equal(2, all.Total);
        foreach (var anomaly in all.Anomalies)
        {
            var states = (await bench.Store.ListTransitionsAsync(anomaly.Id, Token)).Where(one => one.Before != one.After).Select(one => (one.Before, one.After));
            Assert.Equal([(null, AnomalyState.Pending), (AnomalyState.Pending, AnomalyState.Active), (AnomalyState.Active, AnomalyState.Resolved)], states);
        }

        Assert.Equal(2, sink.Heard.Count(told => told == "new>Pending"));
        Assert.Equal(2, sink.Heard.Count(told => told == "Pending>Active"));
    }
}
