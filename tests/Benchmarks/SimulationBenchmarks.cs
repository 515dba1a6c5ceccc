using BenchmarkDotNet.Attributes;
using ControlPlane.Simulation;

namespace ControlPlane.Benchmarks;

/// <summary>Hot paths of the simulation, so that it never is what a scale test measures.</summary>
[MemoryDiagnoser]
public class SimulationBenchmarks
{
    private static readonly DateTimeOffset Start = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private SimulatedKafka _kafka = null!;
    private DateTimeOffset _now = Start;

    [GlobalSetup]
    public void Build() => _kafka = SimulatedKafka.Create(ModelScale.Small, Start);

    [Benchmark]
    public void AdvanceOneIdleHour() => _kafka.AdvanceTo(_now = _now.AddHours(1));

    [Benchmark]
    public object PublishUnchanged() => _kafka.PublishPartitions();

    [Benchmark]
    public object AllOffsets() => LoadAnswers.Offsets(_kafka, _kafka.PublishPartitions());

    [Benchmark]
    public object AllGroups() => GroupAnswers.All(_kafka);
}
