using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;

namespace ControlPlane.Testing;

/// <summary>
/// A real Kafka cluster on loopback ports and in a folder of its own, gone when disposed or when this process dies.
/// Ready means: every broker registered, unfenced and serving.
/// </summary>
public sealed class RealKafka : IAsyncDisposable
{
    private const int Attempts = 3; // a port can be taken by somebody else between our look and Kafka's bind

    private readonly string _folder;
    private readonly ProcessReaper _reaper;

    private RealKafka(string folder, ProcessReaper reaper, string clusterId)
    {
        _folder = folder;
        _reaper = reaper;
        ClusterId = clusterId;
    }

    public string ClusterId { get; }

    public IReadOnlyList<RealKafkaNode> Brokers { get; private set; } = [];

    /// <summary>Null where the brokers are the quorum themselves. With ZooKeeper: that.</summary>
    public RealKafkaNode? Controller { get; private set; }

    /// <summary>Null unless the cluster was started as a secure one.</summary>
    public SecureListeners? Security { get; private set; }

    public string BootstrapServers => string.Join(',', Brokers.Select(broker => broker.Endpoint));

    public RealKafkaNode Broker(int id) => Brokers.Single(broker => broker.Id == id);

    public static async Task<RealKafka> StartAsync(RealKafkaOptions options, CancellationToken cancellationToken = default)
    {
        var home = KafkaDistribution.Find(options.Version);
        if (options.Secure)
        {
            options = options with { DedicatedController = false }; // the controller judges forwarded requests: it needs the same ACLs
        }

        for (var attempt = 1; ; attempt++)
        {
            var folder = Directory.CreateTempSubdirectory("kcp-kafka-").FullName;
            var kafka = new RealKafka(folder, new ProcessReaper(folder), NewClusterId());
            try
            {
                await kafka.StartAsync(home, options, cancellationToken);
                return kafka;
            }
            catch (KafkaStartException ex) when (ex.PortWasTaken && attempt < Attempts)
            {
                await kafka.DisposeAsync();
            }
            catch
            {
                await kafka.DisposeAsync();
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Brokers.Append(Controller).OfType<RealKafkaNode>())
        {
            node.KillQuietly();
        }

        await _reaper.DisposeAsync(); // deletes the folder
    }

    private async Task StartAsync(string home, RealKafkaOptions options, CancellationToken cancellationToken)
    {
        var ports = LoopbackPorts.Free((options.Brokers + 1) * RealKafkaFiles.PortsPerNode);
        var files = new RealKafkaFiles(home, _folder, options, ports);
        files.WriteLogging();
        if (options.Secure)
        {
            const int First = RealKafkaFiles.PortsPerNode + 1;
            Security = new SecureListeners(_folder, new TestCertificates(), ports[First], ports[First + 1], ports[First + 2]);
        }

        if (options.ZooKeeper)
        {
            Controller = new RealKafkaNode(RealKafkaFiles.ControllerId, files.WriteZooKeeper(), _reaper.Watch);
        }
        else if (options.DedicatedController)
        {
            var launch = files.WriteController();
            await FormatControllerAsync(launch, options, cancellationToken);
            Controller = new RealKafkaNode(RealKafkaFiles.ControllerId, launch, _reaper.Watch);
        }

        var brokers = new List<RealKafkaNode>();
        foreach (var id in Enumerable.Range(1, options.Brokers))
        {
            var launch = files.WriteBroker(id, Security);
            if (options.ZooKeeper)
            {
                launch = launch with { StartedMark = "started (kafka.server.KafkaServer)" }; // it formats its directories by itself
            }
            else if (!options.DedicatedController && id <= 3)
            {
                await FormatControllerAsync(launch, options, cancellationToken);
            }
            else
            {
                RealKafkaFiles.FormatBroker(launch, id, ClusterId);
            }

            brokers.Add(new RealKafkaNode(id, launch, _reaper.Watch));
        }

        Brokers = brokers;
        var nodes = Brokers.Prepend(Controller).OfType<RealKafkaNode>().ToList();
        nodes.ForEach(node => node.Start());
        foreach (var node in nodes)
        {
            await node.WaitUntilStartedAsync(options.StartTimeout, cancellationToken);
        }

        if (options.ZooKeeper)
        {
            await WaitUntilKnownAsync(options.StartTimeout, cancellationToken);
        }
    }

    /// <summary>
    /// With ZooKeeper a broker says that it started before the controller has told it of any broker, itself included, and of who the
    /// controller is. An admin client that asks between the two waits for a controller until it gives up.
    /// </summary>
    private async Task WaitUntilKnownAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = Stopwatch.StartNew();
        foreach (var broker in Brokers)
        {
            using var admin = new AdminClientBuilder(new Dictionary<string, string> { ["bootstrap.servers"] = broker.Endpoint }).SetLogHandler((_, _) => { }).Build();
            while (KnownBrokers(admin) < Brokers.Count)
            {
                if (began.Elapsed > timeout)
                {
                    throw new KafkaStartException($"Broker {broker.Id} was not told of all {Brokers.Count} brokers within {timeout.TotalSeconds:0} s. Log: {broker.LogFile}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    private static int KnownBrokers(IAdminClient admin)
    {
        try
        {
            return admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers.Count;
        }
        catch (KafkaException)
        {
            return 0; // it does not serve yet
        }
    }

    private async Task FormatControllerAsync(KafkaLaunch launch, RealKafkaOptions options, CancellationToken cancellationToken)
    {
        // Kafka 3.3 can't create SCRAM users while formatting (KIP-900 is newer); its secure tests use PLAIN.
        string[] users = options.Secure
            ? [.. new[] { "SCRAM-SHA-256", "SCRAM-SHA-512" }.SelectMany(mechanism =>
                new[] { "--add-scram", $"{mechanism}=[name={SecureListeners.AdminUser},password={SecureListeners.AdminPassword}]" })]
            : [];
        using var format = Process.Start(launch.FormatInfo(ClusterId, users)) ?? throw new InvalidOperationException("java did not start");
        await format.WaitForExitAsync(cancellationToken);
        if (format.ExitCode != 0)
        {
            var log = File.Exists(launch.LogFile) ? await File.ReadAllTextAsync(launch.LogFile, cancellationToken) : "(no output)";
            throw new KafkaStartException(string.Create(CultureInfo.InvariantCulture, $"Formatting {launch.Name} ended with {format.ExitCode}:\n{log}"));
        }
    }

    private static string NewClusterId()
    {
        // Kafka takes no id that begins with a dash: its command line would read an option.
        var text = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return text[0] == '-' ? "A" + text[1..] : text;
    }
}
