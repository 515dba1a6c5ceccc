using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Clusters;
using ControlPlane.Sampling;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Connectivity;

/// <summary>An owned real cluster with its sampler, and no database.</summary>
internal sealed class WatchedCluster : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ChangeHub _changes = new();
    private readonly OwnedCluster _cluster;

    public WatchedCluster(string bootstrapServers, SamplingOptions? options = null)
    {
        var definition = RealClusters.Definition(bootstrapServers);
        var metrics = new SamplingMetrics(_services.GetRequiredService<IMeterFactory>());
        var sampler = new ClusterSampler(Options.Create(options ?? new SamplingOptions()), metrics, TimeProvider.System, NullLoggerFactory.Instance);
        var services = new ClusterServices([sampler], _changes, new EventLog(new ProcessIdentity(), TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        var lease = new ClusterLease(definition.Id, Guid.NewGuid(), 1, DateTimeOffset.MaxValue, long.MaxValue);
        _cluster = new OwnedCluster(new StoredCluster(definition, false, default, default, 1), lease, RealClusters.Open(bootstrapServers), services);
        _cluster.Start();
    }

    public ClusterModel? Model => _cluster.Actor.Model;

    public Task UntilAsync(Func<ClusterModel, bool> condition, TimeSpan patience) => Changes.UntilAsync(
        _changes.WatchAsync,
        () => Task.FromResult((
            Model is { } model && condition(model),
            Model is null ? "nothing was seen" : $"{string.Join(", ", Model.Brokers.Select(broker => $"{broker.Id} {broker.State}: {broker.Evidence}"))}; {Model.Health.Sentence}")),
        patience);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _services.DisposeAsync();
    }
}

/// <summary>Real brokers for a test, and connections to them as the product opens them.</summary>
internal static class RealClusters
{
    public static async Task<RealKafka> StartAsync(RealKafkaOptions options)
    {
        try
        {
            return await RealKafka.StartAsync(options, TestContext.Current.CancellationToken);
        }
        catch (KafkaUnavailableException ex) when (Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip(ex.Message);
            throw;
        }
    }

    public static ClusterDefinition Definition(string bootstrapServers) =>
        new() { Id = new ClusterId("real"), Name = "real", Kind = ClusterKind.Kafka, BootstrapServers = bootstrapServers };

    public static RealKafkaCluster Open(string bootstrapServers, ConnectionRecord? connection = null) =>
        new(ConnectionSettings.Of(Definition(bootstrapServers), connection ?? new ConnectionRecord()), new());
}
