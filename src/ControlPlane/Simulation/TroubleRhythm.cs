namespace ControlPlane.Simulation;

/// <summary>Trouble that comes and goes by itself: a quiet while, one incident, recovery, and again. Seeded, so it repeats exactly.</summary>
internal sealed class TroubleRhythm(SimulatedKafka kafka, SeededRandom random)
{
    private int _next = random.Next(3);

    public void Begin() => kafka.Clock.Schedule(TimeSpan.FromSeconds(random.NextBetween(60, 150)), Strike);

    private void Strike()
    {
        var broker = 1 + random.Next(kafka.Brokers.Count);
        var dir = random.Next(kafka.Broker(broker).LogDirs.Length);
        var group = kafka.Groups.Count > 0 ? random.Pick(kafka.Groups).Spec.Id : null;
        var lasts = TimeSpan.FromSeconds(random.NextBetween(75, 180));
        Action? end = (_next++ % 3) switch
        {
            0 when kafka.Kill(broker) => () => kafka.Start(broker),
            1 when group is not null && kafka.StopGroup(group) => () => kafka.StartGroup(group),
            2 when kafka.SlowDisk(broker, dir) => () => kafka.HealDisk(broker, dir),
            _ => null, // a person was faster and made that trouble already
        };
        kafka.Clock.Schedule(lasts, () =>
        {
            end?.Invoke();
            Begin();
        });
    }
}
