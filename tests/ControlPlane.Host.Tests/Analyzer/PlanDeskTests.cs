using ControlPlane.Analyzer;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Clusters;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Hosting;
using ControlPlane.Sampling;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ControlPlane.Host.Tests.Analyzer;

/// <summary>Plans for a simulated cluster as the product samples it, on a clock that runs ten times as fast; nothing carries them out.</summary>
public sealed class PlanDeskTests(StorageServer server) : StorageTests(server)
{
    private static readonly ClusterId Demo = new("demo");
    private static readonly OptimizerAsk Wish = OptimizerAsk.Repair([], null, Engine.Analyzer.ExecutionLimits.Default);

    private readonly QuickTime _time = new(10);

    [Fact]
    public async Task A_killed_broker_is_planned_for_its_return_makes_plans_stale_and_one_yes_counts()
    {
        await using var app = await StartAsync();
        var (views, desk) = (app.Services.GetRequiredService<IClusterViews>(), app.Services.GetRequiredService<PlanDesk>());
        await Changes.UntilAsync(views, () => IsWhole(views, 6), "sampled");
        Assert.Contains("All brokers are active", Assert.IsType<PlanMaking.NothingToDo>(await MakeAsync(desk)).Sentence, StringComparison.Ordinal);

        await views.FindDemo(Demo)!.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 2, null), Token);
        await Changes.UntilAsync(views, () => StateOf(views) == BrokerState.Down, "down");
        var first = Assert.IsType<PlanMaking.Made>(await MakeAsync(desk));
        Assert.True(first.Plan.Verdict.IsSound, string.Join('\n', first.Plan.Verdict.Problems));
        Assert.NotEmpty(first.Plan.Moves);
        Assert.Empty(first.Plan.Unplaced);
        Assert.All(first.Plan.Moves, move => Assert.True(move.Before.Contains(2) && !move.After.Contains(2) && move.Bytes > 0));

        await views.FindDemo(Demo)!.ApplyAsync(new DemoAction(DemoActionKind.Restore, null, null), Token);
        await Changes.UntilAsync(views, () => StateOf(views) == BrokerState.Active, "back");
        Assert.IsType<PlanMaking.NothingToDo>(await MakeAsync(desk));
        Assert.Contains("is back", Assert.IsType<PlanApproval.Stale>(await ApproveAsync(desk, first)).Changes[0], StringComparison.Ordinal);
        Assert.Equal(PlanState.Stale, Assert.IsType<PlanApproval.NotProposed>(await ApproveAsync(desk, first)).Plan.State);

        await views.FindDemo(Demo)!.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 2, null), Token);
        await Changes.UntilAsync(views, () => StateOf(views) == BrokerState.Down, "down again");
        var second = Assert.IsType<PlanMaking.Made>(await MakeAsync(desk));
        var approvals = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ApproveAsync(desk, second)));
        Assert.Single(approvals.OfType<PlanApproval.Approved>());
        Assert.Equal(2, approvals.OfType<PlanApproval.NotProposed>().Count());
        Assert.Equal(second.Stored.Id, (await Storage.Get<PlanStore>().FindApprovedAsync(Demo, Token))!.Id);
        await app.StopAsync(Token);
    }

    private static Task<PlanMaking> MakeAsync(PlanDesk desk) => desk.MakeAsync(Demo, Wish, "test", Token);

    private static Task<PlanApproval> ApproveAsync(PlanDesk desk, PlanMaking.Made made) => desk.ApproveAsync(Demo, made.Stored.Id, made.Stored.Hash, "test", null, null, Token);

    private static BrokerState? StateOf(IClusterViews views) => views.Find(Demo)!.Brokers.Single(broker => broker.Id == 2).State;

    private static bool IsWhole(IClusterViews views, int brokers) =>
        views.Find(Demo) is { Reassigning: not null } model && model.Brokers.Length == brokers
        && model.Brokers.All(broker => broker is { State: BrokerState.Active, LogDirs: not null });

    private async Task<WebApplication> StartAsync()
    {
        var definition = new ClusterDefinition { Id = Demo, Name = "demo", Kind = ClusterKind.Simulated, Simulation = """{"brokers":6,"racks":3,"topics":6,"groups":2}""" };
        Assert.IsType<ClusterAddition.Added>(await Storage.Get<ClusterStore>().AddAsync(definition, ClusterSecrets.None, Token));
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = Storage.ConnectionString,
            ["Storage:MasterKeyFile"] = Storage.MasterKeyFile,
            ["Storage:Lease"] = "00:05:00", // of real time for the database, of fast time for the process
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddStorage(builder.Configuration).AddClusters().AddSampling(builder.Configuration).AddAnalyzer();
        builder.Services.AddSingleton<IKafkaClusterSource, SimulatedKafkaSource>();
        var app = builder.Build();
        await app.StartAsync(Token);
        return app;
    }
}
