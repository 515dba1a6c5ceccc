using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace ControlPlane.Testing;

/// <summary>The product as its own process, as a person would run it: real command line, real database, real port.</summary>
public sealed class ProductProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(180);
    private readonly Process _process;
    private readonly ProcessReaper _reaper;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _folder;

    private ProductProcess(ProcessStartInfo start, string folder, Uri address)
    {
        (_folder, Address) = (folder, address);
        _reaper = new ProcessReaper(folder);
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        _reaper.Watch(_process.Id);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }, disposeHandler: true) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Address { get; }

    /// <summary>Talks to the API with the local token once the product is ready.</summary>
    public HttpClient Http { get; }

    public string Output => string.Join('\n', _output);

    public bool IsRunning => !_process.HasExited;

    public int ProcessId => _process.Id;

    /// <summary>Printed once, by the first process that starts on an empty database.</summary>
    public string? OneTimePassword => _output
        .Select(line => line.Split("One-time password", 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(parts => parts.Length == 2)?[1];

    /// <summary>Starts the product and waits until it says it is ready.</summary>
    public static async Task<ProductProcess> StartAsync(
        string connectionString, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken)
    {
        var product = Launch(connectionString, settings);
        try
        {
            await product.WaitUntilReadyAsync(cancellationToken);
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the product without waiting for anything: for starts that are to fail. Settings win over what is usual.</summary>
    public static ProductProcess Launch(string connectionString, IReadOnlyDictionary<string, string>? settings)
    {
        var folder = Directory.CreateTempSubdirectory("kcp-product-").FullName;
        var address = new Uri($"http://127.0.0.1:{LoopbackPorts.Free(1)[0]}");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Storage__ConnectionString"] = connectionString,
            ["Hosting__DataFolder"] = folder,
            ["Hosting__TokenFile"] = Path.Combine(folder, "token.json"),
            ["Demo__Enabled"] = "false",
            ["ReloadStaticAssetsAtRuntime"] = "false", // else what is served from a build is packed without being compressed
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        if (!environment.ContainsKey("Storage__MasterKeyFile"))
        {
            environment["Storage__MasterKeyFile"] = WriteMasterKey(folder);
        }

        // The last argument is read by nobody but the reaper, which knows its processes by their folder.
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ControlPlane.dll"), $"--TestFolder={folder}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ProductProcess(start, folder, new Uri(environment["ASPNETCORE_URLS"]));
    }

    /// <summary>A fresh master key; processes that share a database must be given the same file.</summary>
    public static string WriteMasterKey(string folder)
    {
        var file = Path.Combine(folder, "master.key");
        File.WriteAllText(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }

    /// <summary>kill -9: no shutdown code runs.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>SIGSTOP: frozen, as by a long pause of its machine, until <see cref="ContinueAsync"/>.</summary>
    public Task PauseAsync(CancellationToken cancellationToken) => SignalAsync("STOP", cancellationToken);

    public Task ContinueAsync(CancellationToken cancellationToken) => SignalAsync("CONT", cancellationToken);

    /// <summary>Waits until it ends by itself; the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token); // the end of its output included
        }
        catch (OperationCanceledException ex) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The product still runs after {limit}:\n{Output}", ex);
        }

        return _process.ExitCode;
    }

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        await Http.GetFromJsonAsync<T>(path, Json.Options, cancellationToken) ?? throw new InvalidOperationException($"{path} answered null");

    /// <summary>Asks until the answer is as hoped for; the failure tells the last answer and the product's own words.</summary>
    public async Task<T> UntilAsync<T>(string path, Func<T, bool> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        T? last = default;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
        {
            try
            {
                last = await GetAsync<T>(path, cancellationToken);
                if (condition(last))
                {
                    return last;
                }
            }
            catch (HttpRequestException) when (watch.Elapsed < limit)
            {
            }
        }
        while (watch.Elapsed < limit && await timer.WaitForNextTickAsync(cancellationToken));

        throw new TimeoutException($"{path} was not as hoped for within {limit}. Last answer: {JsonSerializer.Serialize(last, Json.Options)}\n{Output}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            await SignalAsync("CONT", CancellationToken.None);
            await SignalAsync("TERM", CancellationToken.None);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Kill();
            }
        }

        _process.Dispose();
        await _reaper.DisposeAsync(); // deletes the folder
    }

    /// <summary>Waits until /health/ready agrees, and takes the token that the product left for its own user.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (_process.HasExited || watch.Elapsed > StartLimit)
            {
                throw new InvalidOperationException($"The product {(_process.HasExited ? "ended" : "was not ready")} after {watch.Elapsed}:\n{Output}");
            }

            try
            {
                using var answer = await Http.GetAsync("/health/ready", cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    break;
                }
            }
            catch (HttpRequestException)
            {
            }
        }

        using var token = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "token.json"), cancellationToken));
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.RootElement.GetProperty("token").GetString());
    }

    private async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}

/// <summary>JSON as the API speaks it.</summary>
public static class Json
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);
}
