using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>
/// A running API on a database of its own with a token for each role, shared by the tests of a class: they run one after the other and take
/// names of their own.
/// </summary>
public class ApiFixture(StorageServer server) : IAsyncLifetime
{
    private TestStorage? _storage;
    private ApiHost? _host;

    public string Viewer { get; private set; } = "";

    public string Operator { get; private set; } = "";

    public string Admin { get; private set; } = "";

    internal ApiHost Host => _host ?? throw new InvalidOperationException("The tests have not begun.");

    internal TestStorage Storage => _storage ?? throw new InvalidOperationException("The tests have not begun.");

    internal virtual Dictionary<string, string?> Settings => [];

    public async ValueTask InitializeAsync()
    {
        _storage = new TestStorage(await server.NewDatabaseAsync(TestContext.Current.CancellationToken));
        _host = await ApiHost.StartAsync(_storage, Settings);
        Viewer = await _host.TokenAsync(Role.Viewer);
        Operator = await _host.TokenAsync(Role.Operator);
        Admin = await _host.TokenAsync(Role.Admin);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}

/// <summary>Tests of an API that the whole class shares.</summary>
public abstract class ApiTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    internal ApiHost Host => api.Host;

    internal TestStorage Storage => api.Storage;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string Viewer => api.Viewer;

    protected string Operator => api.Operator;

    protected string Admin => api.Admin;

    protected async Task<string> AuditTextAsync() => (await Host.GetAsync("/api/v1/audit?limit=500", Viewer)).Is(200).Body;
}
