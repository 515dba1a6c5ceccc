namespace ControlPlane.Engine.Analyzer;

/// <summary>The words of modes, as the API, kcp and the database write them: add-brokers.</summary>
public static class PlanModes
{
    private static readonly string[] Words = [.. Enum.GetNames<PlanMode>().Select(Kebab)];

    public static IReadOnlyList<string> All => Words;

    public static string Word(PlanMode mode) => Enum.IsDefined(mode) ? Words[(int)mode] : throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown mode of plan");

    public static bool TryParse(string? word, out PlanMode mode)
    {
        var index = Array.IndexOf(Words, word);
        mode = (PlanMode)Math.Max(0, index);
        return index >= 0;
    }

    public static PlanMode Of(OptimizerMode mode) => mode switch
    {
        OptimizerMode.FixOffline => PlanMode.FixOffline,
        OptimizerMode.Rebalance => PlanMode.Rebalance,
        OptimizerMode.AddBrokers => PlanMode.AddBrokers,
        OptimizerMode.RemoveBrokers => PlanMode.RemoveBrokers,
        OptimizerMode.DemoteBrokers => PlanMode.DemoteBrokers,
        OptimizerMode.ReplicationFactor => PlanMode.ReplicationFactor,
        OptimizerMode.RackRepair => PlanMode.RackRepair,
        OptimizerMode.RemoveDirs => PlanMode.RemoveDirs,
        OptimizerMode.DiskBalance => PlanMode.DiskBalance,
        OptimizerMode.MinimalRepair => PlanMode.MinimalRepair,
        OptimizerMode.KafkaAssigner => PlanMode.KafkaAssigner,
        OptimizerMode.PreferredLeaders => PlanMode.PreferredLeaders,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown mode of the optimizer"),
    };

    public static OptimizerMode ToOptimizer(PlanMode mode) => Enum.GetValues<OptimizerMode>().First(one => Of(one) == mode);

    private static string Kebab(string name) =>
        string.Concat(name.Select((letter, at) => char.IsUpper(letter) ? (at == 0 ? "" : "-") + char.ToLowerInvariant(letter) : letter.ToString()));
}
