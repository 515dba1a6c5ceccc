namespace ControlPlane.Lag.Metrics;

/// <summary>One metric: its name, what it is of, how it is labelled, and its value; null has no line.</summary>
internal sealed record LagName<TRow>(string Name, string Help, Action<SeriesWriter, TRow> Label, Func<TRow, double?> Value)
{
    /// <summary>Of partitions: those too that the group never committed on, among topics it did.</summary>
    public bool TellsUncommitted { get; init; }

    /// <summary>It only grows, until the process begins anew.</summary>
    public bool IsCounter { get; init; }
}

/// <summary>The metrics that settings ask for, by what a line of them is of.</summary>
internal sealed record LagNames(
    IReadOnlyList<LagName<GroupFigures>> Groups, IReadOnlyList<LagName<TopicFigures>> Topics, IReadOnlyList<LagName<PartitionFigures>> Partitions, IReadOnlyList<LagName<PartitionFigures>> Ends)
{
    /// <summary>Ours and those of others that are switched on. <see cref="Ends"/> have one line for a partition, however many groups read it.</summary>
    public static LagNames Of(LagMetricsOptions options)
    {
        var sets = new List<LagNames> { OwnNames.Of(options.Level) };
        AddIf(options.Burrow, BurrowNames.All);
        AddIf(options.KMinion, KMinionNames.All);
        AddIf(options.KafkaExporter, KafkaExporterNames.All);
        AddIf(options.LagExporter, LagExporterNames.All);
        return new LagNames([.. sets.SelectMany(set => set.Groups)], [.. sets.SelectMany(set => set.Topics)], [.. sets.SelectMany(set => set.Partitions)], [.. sets.SelectMany(set => set.Ends)]);

        void AddIf(bool isOn, LagNames names)
        {
            if (isOn)
            {
                sets.Add(names);
            }
        }
    }

    /// <summary>Whole seconds and their parts; null where nothing tells the time.</summary>
    public static double? Seconds(Engine.Lag.TimeLag lag) => lag.Kind == Engine.Lag.TimeLagKind.Unknown ? null : lag.Milliseconds / 1000.0;
}
