using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;
using ControlPlane.Sampling;
using ControlPlane.Simulation;
using ControlPlane.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Benchmarks;

/// <summary>How many clusters to own, of which shape, and for how long to watch the CPU.</summary>
internal sealed record FleetPlan(int Clusters, SimulationSpec Spec, TimeSpan WarmUp, TimeSpan Measured);

/// <summary>The CPU that one process needs for many clusters at the default cadence: the real sampler, actors and judging of lag over simulated clusters.</summary>
internal static class FleetLoad
{
    public static FleetPlan Full { get; } = new(
        100,
        new SimulationSpec { Brokers = 40, Racks = 4, LogDirsPerBroker = 2, Topics = 1_000, PartitionsPerTopic = 12, Groups = 50 },
        TimeSpan.FromSeconds(30),
        TimeSpan.FromSeconds(60));

    public static FleetPlan Small { get; } = new(
        10,
        new SimulationSpec { Brokers = 12, Racks = 3, LogDirsPerBroker = 2, Topics = 100, PartitionsPerTopic = 12, Groups = 10 },
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10));

    public static async Task<IReadOnlyList<Figure>> RunAsync(FleetPlan plan, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        await using var host = Services();
        var services = new ClusterServices([host.GetRequiredService<ClusterSampler>(), host.GetRequiredService<LagWork>()], new ChangeHub(), new EventLog(new ProcessIdentity(), time), time, NullLoggerFactory.Instance);
        var fleet = Enumerable.Range(1, plan.Clusters).Select(index => Own(plan.Spec, index, services, time)).ToList();
        try
        {
            foreach (var cluster in fleet)
            {
                cluster.Start();
            }

            await Task.Delay(plan.WarmUp, time, cancellationToken);
            var clock = Stopclock.Start();
            var generations = fleet.Sum(cluster => cluster.Actor.Model?.Generation ?? 0);
            await Task.Delay(plan.Measured, time, cancellationToken);
            var (cpu, wall) = (clock.CpuSince, clock.WallSince);
            var handled = fleet.Sum(cluster => cluster.Actor.Model?.Generation ?? 0) - generations;
            var judged = fleet.Sum(cluster => cluster.Actor.Model?.Judgements.Count ?? 0);
            var known = fleet.Count(cluster => cluster.Actor.Model is { Health.Status: Status.Ok });
            return
            [
                new($"{plan.Clusters} clusters of {plan.Spec.Brokers} brokers, {plan.Spec.Topics} topics, {plan.Spec.Topics * plan.Spec.PartitionsPerTopic:N0} partitions each", ""),
                new($"CPU at default cadence over {wall.TotalSeconds:0} s, simulated answers included", string.Create(CultureInfo.InvariantCulture, $"{cpu / wall:0.00} cores"), "0.5 cores"),
                new("samples taken into models per second", string.Create(CultureInfo.InvariantCulture, $"{handled / wall.TotalSeconds:0}")),
                new("clusters shown as OK at the end", string.Create(CultureInfo.InvariantCulture, $"{known} of {plan.Clusters}")),
                new("groups with a judgement at the end", string.Create(CultureInfo.InvariantCulture, $"{judged:N0} of {plan.Clusters * plan.Spec.Groups:N0}")),
                new("working set", Report.Megabytes(Stopclock.WorkingSet())),
            ];
        }
        finally
        {
            foreach (var cluster in fleet)
            {
                cluster.Stop();
            }

            await Task.WhenAll(fleet.Select(cluster => cluster.DisposeAsync().AsTask()));
        }
    }

    /// <summary>As the product composes them, but never asked for the database: a simulated cluster keeps no log of commits that could be remembered.</summary>
    private static ServiceProvider Services()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = "Host=127.0.0.1;Port=1;Database=none;Username=none",
            ["Storage:MasterKeyFile"] = "none",
            [$"{LagOptions.Section}:{nameof(LagOptions.Follow)}"] = "false",
        }).Build();
        return new ServiceCollection().AddLogging().AddMetrics().AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))
            .AddSingleton<IOffsetsPeers, NobodyElse>()
            .AddStorage(configuration).AddSampling(configuration).AddLag(configuration).AddSingleton<ClusterSampler>().AddSingleton<LagWork>().BuildServiceProvider();
    }

    /// <summary>The one process that is measured is the only one.</summary>
    private sealed class NobodyElse : IOffsetsPeers
    {
        public Task<Hiring> HireAsync(ClusterId cluster, OffsetsShare share, CancellationToken cancellationToken) => Task.FromResult(Hiring.Nobody);
    }

    private static OwnedCluster Own(SimulationSpec spec, int index, ClusterServices services, TimeProvider time)
    {
        var id = new ClusterId(string.Create(CultureInfo.InvariantCulture, $"bench-{index}"));
        var shape = spec with { Seed = index };
        var definition = new ClusterDefinition
        {
            Id = id,
            Name = id.Value,
            Kind = ClusterKind.Simulated,
            Simulation = shape.ToJson(),
            Labels = ImmutableSortedDictionary<string, string>.Empty,
        };
        var now = time.GetUtcNow();
        var lease = new ClusterLease(id, Guid.Empty, 1, now.AddHours(1), time.GetTimestamp() + (3_600 * time.TimestampFrequency));
        return new OwnedCluster(new StoredCluster(definition, HasSecrets: false, now, now, 1), lease, SimulatedKafkaCluster.Open(shape, time), services);
    }
}
