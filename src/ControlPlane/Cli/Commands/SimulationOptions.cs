using System.CommandLine;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>The shape of a simulated cluster, said with options; what is not said is the API's default.</summary>
internal sealed class SimulationOptions
{
    private static readonly SimulationRequest Usual = new();

    private readonly Option<bool> _simulated = new("--simulated") { Description = "A simulated cluster instead of a real one" };
    private readonly Option<int> _brokers = Paging.Positive("--brokers", Usual.Brokers, "Simulated: brokers");
    private readonly Option<int> _racks = Paging.Positive("--racks", Usual.Racks, "Simulated: racks");
    private readonly Option<int> _logDirs = Paging.Positive("--log-dirs", Usual.LogDirsPerBroker, "Simulated: log dirs of each broker");
    private readonly Option<int> _topics = Paging.Positive("--topics", Usual.Topics, "Simulated: topics");
    private readonly Option<int> _partitions = Paging.Positive("--partitions", Usual.PartitionsPerTopic, "Simulated: partitions of each topic");
    private readonly Option<int> _replicas = Paging.Positive("--rf", Usual.ReplicationFactor, "Simulated: replication factor");
    private readonly Option<int> _groups = Paging.NotNegative("--groups", Usual.Groups, "Simulated: consumer groups");
    private readonly Option<int> _rate = Paging.Positive("--kilobytes-per-second", Usual.KilobytesPerSecondPerBroker, "Simulated: produced for each broker on the average");
    private readonly Option<int> _seed = Paging.NotNegative("--seed", Usual.Seed, "Simulated: same seed, same cluster");
    private readonly Option<bool> _troubled = new("--troubled") { Description = "Simulated: trouble that comes and goes" };

    public Option[] All => [_simulated, .. Shape];

    private Option[] Shape => [_brokers, _racks, _logDirs, _topics, _partitions, _replicas, _groups, _rate, _seed, _troubled];

    public bool IsChosen(Invocation run)
    {
        var chosen = run.Get(_simulated);
        return chosen || Shape.FirstOrDefault(run.Has) is not { } stray
            ? chosen
            : throw new CliException($"{stray.Name} describes a simulated cluster", "--simulated beside it", "kcp clusters add --help");
    }

    public SimulationRequest Read(Invocation run) => new()
    {
        Brokers = run.Get(_brokers),
        Racks = run.Get(_racks),
        LogDirsPerBroker = run.Get(_logDirs),
        Topics = run.Get(_topics),
        PartitionsPerTopic = run.Get(_partitions),
        ReplicationFactor = run.Get(_replicas),
        Groups = run.Get(_groups),
        KilobytesPerSecondPerBroker = run.Get(_rate),
        Seed = run.Get(_seed),
        Troubled = run.Get(_troubled),
    };
}
