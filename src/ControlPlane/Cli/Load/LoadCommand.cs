using System.CommandLine;
using ControlPlane.Cli.Commands;

namespace ControlPlane.Cli.Load;

/// <summary>Steady producers and consumers for a trial, with a word on how the cluster bears them.</summary>
internal static class LoadCommand
{
    public static Command Create(CommandSet commands)
    {
        var bootstrap = new Option<string>("--bootstrap-server") { Description = "Addresses of brokers (PLAINTEXT)", HelpName = "HOST:PORT[,HOST:PORT]", Required = true };
        var prefix = new Option<string>("--topic-prefix") { Description = "Topics are called PREFIX-1 and so on, groups PREFIX-group-1 and so on", HelpName = "PREFIX", DefaultValueFactory = _ => "load" };
        var topics = Paging.Positive("--topics", 3, "How many topics; missing ones are created");
        var partitions = Paging.Positive("--partitions", 6, "Partitions of a topic that is created");
        var replicas = Paging.Positive("--rf", 1, "Replication factor of a topic that is created");
        var rate = Paging.Positive("--rate", 100, "Messages a second over all topics");
        var size = Paging.Positive("--size", 512, "Bytes of a message");
        var groups = Paging.NotNegative("--groups", 1, "Consumer groups, each reading all topics");
        var duration = new Option<int?>("--duration") { Description = "Stop after so many seconds; without it on Ctrl+C or SIGTERM", HelpName = "SECONDS" };
        var every = Paging.Positive("--report-every", 10, "Seconds between two reports");
        var patience = Paging.Positive("--admin-timeout", 30, "Seconds to wait for the brokers when it begins");
        return commands.Define("load", "Steady producers (acks=all) and consumers on a cluster, for trials", (run, cancellationToken) =>
        {
            var options = new LoadOptions
            {
                BootstrapServers = run.Get(bootstrap),
                TopicPrefix = run.Get(prefix),
                Topics = run.Get(topics),
                Partitions = run.Get(partitions),
                ReplicationFactor = run.Get(replicas),
                Rate = run.Get(rate),
                Size = run.Get(size),
                Groups = run.Get(groups),
                Duration = run.Get(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                AdminTimeout = TimeSpan.FromSeconds(run.Get(patience)),
                ReportEvery = TimeSpan.FromSeconds(run.Get(every)),
            };
            return new LoadRun(options, run.Printer, run.Console.Time).RunAsync(cancellationToken);
        }, bootstrap, prefix, topics, partitions, replicas, rate, size, groups, duration, every, patience);
    }
}
