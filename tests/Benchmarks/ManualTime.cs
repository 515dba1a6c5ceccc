namespace ControlPlane.Benchmarks;

/// <summary>Time that the benchmark moves, so that rounds are measured without waiting for their intervals.</summary>
internal sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset _now = start;

    public void Pass(TimeSpan time) => _now += time;

    public override DateTimeOffset GetUtcNow() => _now;
}
