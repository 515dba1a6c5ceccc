using System.Globalization;

namespace ControlPlane.Testing;

/// <summary>Writes the configuration and the formatted directories of a test cluster.</summary>
internal sealed class RealKafkaFiles(string kafkaHome, string folder, RealKafkaOptions options, IReadOnlyList<int> ports)
{
    public const int ControllerId = 100;
    public const int PortsPerNode = 4; // quorum; PLAINTEXT, or SASL_SSL; SSL; SASL_PLAINTEXT

    private const string Log4j2 = """
        Configuration:
          Appenders: { Console: { name: STDOUT, PatternLayout: { pattern: "[%d] %p %m (%c)%n" } } }
          Loggers:
            Root: { level: WARN, AppenderRef: [ { ref: STDOUT } ] }
            Logger: [ { name: kafka.server.KafkaRaftServer, level: INFO } ]
        """;

    private const string Log4j1 = """
        log4j.rootLogger=WARN, stdout
        log4j.logger.kafka.server.KafkaRaftServer=INFO
        log4j.logger.kafka.server.KafkaServer=INFO
        log4j.logger.org.apache.zookeeper.server.NIOServerCnxnFactory=INFO
        log4j.appender.stdout=org.apache.log4j.ConsoleAppender
        log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
        log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
        """;

    private readonly string _voters = options.DedicatedController
        ? $"{ControllerId}@127.0.0.1:{ports[0]}"
        : string.Join(',', Enumerable.Range(1, Math.Min(3, options.Brokers)).Select(id => $"{id}@127.0.0.1:{ports[id * PortsPerNode]}"));

    public void WriteLogging()
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "log4j2.yaml"), Log4j2);
        File.WriteAllText(Path.Combine(folder, "log4j.properties"), Log4j1);
    }

    public KafkaLaunch WriteController()
    {
        var launch = new KafkaLaunch(kafkaHome, folder, "controller", ports[0], 192) { LogDirs = [Path.Combine(folder, "controller")] };
        Write(launch, new Dictionary<string, string>
        {
            ["process.roles"] = "controller",
            ["node.id"] = $"{ControllerId}",
            ["listeners"] = $"CONTROLLER://127.0.0.1:{ports[0]}",
            ["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        });
        return launch;
    }

    public KafkaLaunch WriteZooKeeper()
    {
        var launch = new KafkaLaunch(kafkaHome, folder, "zookeeper", ports[0], 128)
        {
            LogDirs = [Path.Combine(folder, "zookeeper")],
            MainClass = "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            StartedMark = "binding to port",
        };
        File.WriteAllLines(launch.PropertiesFile,
        [
            $"dataDir={launch.LogDirs[0]}", $"clientPort={ports[0]}", "clientPortAddress=127.0.0.1", "admin.enableServer=false", "maxClientCnxns=0", "tickTime=1000",
        ]);
        return launch;
    }

    public KafkaLaunch WriteBroker(int id, SecureListeners? secure)
    {
        var suffixes = Enumerable.Range(0, options.LogDirsPerBroker).Select(index => (char)('a' + index));
        var isVoter = !options.DedicatedController && id <= 3;
        var quorumPort = ports[id * PortsPerNode];
        var clientPort = ports[(id * PortsPerNode) + 1];
        var launch = new KafkaLaunch(kafkaHome, folder, $"broker-{id}", clientPort, options.BrokerHeapMegabytes)
        {
            LogDirs = [.. suffixes.Select(suffix => Path.Combine(folder, $"broker-{id}-{suffix}"))],
        };
        var config = new Dictionary<string, string>
        {
            ["process.roles"] = isVoter ? "broker,controller" : "broker",
            ["node.id"] = $"{id}",
            ["listeners"] = $"PLAINTEXT://127.0.0.1:{clientPort}" + (isVoter ? $",CONTROLLER://127.0.0.1:{quorumPort}" : ""),
            ["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        };
        if (options.Racks > 0)
        {
            config["broker.rack"] = $"rack-{((id - 1) % options.Racks) + 1}";
        }

        foreach (var (key, value) in secure?.BrokerConfig() ?? [])
        {
            config[key] = key == "listeners" && isVoter ? $"{value},CONTROLLER://127.0.0.1:{quorumPort}" : value;
        }

        Write(launch, config);
        return launch;
    }

    /// <summary>What kafka-storage format leaves on a broker; only controllers need more than this one file.</summary>
    public static void FormatBroker(KafkaLaunch launch, int id, string clusterId)
    {
        foreach (var dir in launch.LogDirs)
        {
            Directory.CreateDirectory(dir);
            File.WriteAllText(Path.Combine(dir, "meta.properties"), $"version=1\ncluster.id={clusterId}\nnode.id={id}\n");
        }
    }

    /// <summary>What a broker with ZooKeeper says instead of what one with KRaft does.</summary>
    private void UseZooKeeper(Dictionary<string, string> config, Dictionary<string, string> special)
    {
        foreach (var name in config.Keys.Where(name => name.StartsWith("controller.", StringComparison.Ordinal) || name.StartsWith("broker.", StringComparison.Ordinal)).ToList())
        {
            config.Remove(name);
        }

        special["broker.id"] = special["node.id"];
        special.Remove("node.id");
        special.Remove("process.roles");
        special["listener.security.protocol.map"] = special["listener.security.protocol.map"].Replace("CONTROLLER:PLAINTEXT,", "", StringComparison.Ordinal);
        special["zookeeper.connect"] = $"127.0.0.1:{ports[0]}";
        special["zookeeper.session.timeout.ms"] = options.SessionTimeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
    }

    private void Write(KafkaLaunch launch, Dictionary<string, string> special)
    {
        var replicas = Math.Min(3, options.Brokers).ToString(CultureInfo.InvariantCulture);
        var isr = Math.Min(2, options.Brokers).ToString(CultureInfo.InvariantCulture);
        var config = new Dictionary<string, string>
        {
            ["controller.quorum.voters"] = _voters,
            ["controller.listener.names"] = "CONTROLLER",
            ["log.dirs"] = string.Join(',', launch.LogDirs),
            ["broker.session.timeout.ms"] = options.SessionTimeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            ["broker.heartbeat.interval.ms"] = Math.Min(2_000, options.SessionTimeout.TotalMilliseconds / 4).ToString("0", CultureInfo.InvariantCulture),
            ["auto.create.topics.enable"] = "false",
            ["group.initial.rebalance.delay.ms"] = "0",
            ["offsets.topic.num.partitions"] = "5",
            ["offsets.topic.replication.factor"] = replicas,
            ["transaction.state.log.num.partitions"] = "3",
            ["transaction.state.log.replication.factor"] = replicas,
            ["transaction.state.log.min.isr"] = isr,
            ["share.coordinator.state.topic.replication.factor"] = replicas,
            ["share.coordinator.state.topic.min.isr"] = isr,
            ["share.coordinator.state.topic.num.partitions"] = "3",
            ["num.io.threads"] = "4",
            ["num.network.threads"] = "2",
            ["background.threads"] = "4",
            ["log.cleaner.dedupe.buffer.size"] = "4194304", // the default alone is half of our heap
            ["log.cleaner.threads"] = "1",
        };
        if (options.ZooKeeper)
        {
            UseZooKeeper(config, special);
        }

        var isController = special.GetValueOrDefault("process.roles") == "controller"; // whose listener no broker's setting replaces
        foreach (var (key, value) in special.Concat(options.BrokerConfig.Where(pair => !(isController && pair.Key == "listeners"))))
        {
            config[key] = value;
        }

        File.WriteAllLines(launch.PropertiesFile, config.Select(pair => $"{pair.Key}={pair.Value}"));
    }
}
