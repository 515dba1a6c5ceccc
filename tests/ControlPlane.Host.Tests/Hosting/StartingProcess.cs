using ControlPlane.Clusters;
using ControlPlane.Host.Tests.Api;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Hosting;
using ControlPlane.Sampling;
using ControlPlane.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Host.Tests.Hosting;

/// <summary>What a start of the product does once the database is ready, as Program composes it, with the log that an operator reads.</summary>
internal sealed class StartingProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public StartingProcess(TestStorage storage, Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = storage.ConnectionString,
            ["Storage:MasterKeyFile"] = storage.MasterKeyFile,
        }).AddInMemoryCollection(settings).Build();
        _services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(Log))
            .AddMetrics()
            .AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))
            .AddStorage(configuration)
            .AddClusters()
            .AddSampling(configuration)
            .Configure<HostingOptions>(configuration.GetSection(HostingOptions.Section))
            .Configure<DemoOptions>(configuration.GetSection(DemoOptions.Section))
            .AddSingleton<ClusterRegistration>()
            .AddSingleton<StartSteps>()
            .BuildServiceProvider();
        _services.GetRequiredService<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
    }

    public LogLines Log { get; } = new();

    public async Task RunAsync()
    {
        var token = TestContext.Current.CancellationToken;
        await _services.GetRequiredService<UserStore>().EnsureFirstAdminAsync(token); // so that no password is printed among the tests' output
        await _services.GetRequiredService<StartSteps>().RunAsync("http://127.0.0.1:8480", token);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
