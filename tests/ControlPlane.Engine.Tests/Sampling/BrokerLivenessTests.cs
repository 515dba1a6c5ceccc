using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Xunit;

namespace ControlPlane.Engine.Tests.Sampling;

public sealed class BrokerLivenessTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A story is "seconds:evidence" in order. Evidence: + answered, r refused, x connection lost, t timed out, u unreachable, f failed;
    // L leads, O no duties left, F fenced, - not listed any more, D drained (no replicas).
    [Theory]
    [InlineData("answers", "0:L 0:+ 2:+", BrokerState.Active)]
    [InlineData("kill -9: the connection breaks, then it is refused while it still leads", "0:L 0:+ 2:x 2:L 2:r", BrokerState.Down)]
    [InlineData("one refusal is no verdict", "0:L 0:+ 2:r", BrokerState.Active)]
    [InlineData("two refusals are", "0:L 0:+ 2:r 2:r", BrokerState.Down)]
    [InlineData("one break is no verdict", "0:L 0:+ 2:x 2:+", BrokerState.Active)]
    [InlineData("all connections break at once: still one piece of evidence", "0:L 0:+ 2:x 2:x 2:x", BrokerState.Active)]
    [InlineData("SIGTERM breaks all connections before the look", "0:L 0:+ 2:x 2:x 2:O 2:r", BrokerState.Restarting)]
    [InlineData("SIGTERM: leaders move away while it answers", "0:L 0:+ 2:+ 3:O", BrokerState.ShuttingDown)]
    [InlineData("SIGTERM: leaders moved, then it is gone", "0:L 0:+ 2:+ 3:O 4:x 4:r", BrokerState.Restarting)]
    [InlineData("SIGTERM too fast to be seen: the look after the break tells", "0:L 0:+ 2:x 2:O 2:r", BrokerState.Restarting)]
    [InlineData("SIGTERM: fenced at once is a goodbye", "0:L 0:+ 2:x 2:F 2:r", BrokerState.Restarting)]
    [InlineData("SIGTERM, old cluster: unlisted at once is a goodbye", "0:L 0:+ 2:x 2:- 2:r", BrokerState.Restarting)]
    [InlineData("the goodbye was read just after the refusals", "0:L 0:+ 2:x 2:r 3:O", BrokerState.Restarting)]
    [InlineData("kill -9 fenced by the controller 9 s later stays down", "0:L 0:+ 2:x 2:L 2:r 11:F 12:r", BrokerState.Down)]
    [InlineData("comes back, fenced at first", "0:L 0:+ 2:x 2:O 2:r 9:F 10:+", BrokerState.Starting)]
    [InlineData("comes back and is admitted", "0:L 0:+ 2:x 2:O 2:r 9:F 10:+ 12:O", BrokerState.Active)]
    [InlineData("comes back and does not look as if it left again", "0:L 0:+ 2:x 2:O 2:r 10:+ 12:O 14:+ 15:L 16:+", BrokerState.Active)]
    [InlineData("does not come back within the grace time", "0:L 0:+ 2:x 2:O 2:r 303:r", BrokerState.Down)]
    [InlineData("within the grace time it is awaited", "0:L 0:+ 2:x 2:O 2:r 290:r", BrokerState.Restarting)]
    [InlineData("one slow answer does not flap", "0:L 0:+ 4:t 5:+", BrokerState.Active)]
    [InlineData("a pause of three seconds does not flap", "0:L 0:+ 2:t 3:t 4:t", BrokerState.Active)]
    [InlineData("SIGSTOP", "0:L 0:+ 2:t 4:t 6:t", BrokerState.Unresponsive)]
    [InlineData("SIGCONT", "0:L 0:+ 2:t 4:t 6:t 8:+", BrokerState.Active)]
    [InlineData("SIGSTOP and fenced stays hanging", "0:L 0:+ 2:t 4:t 6:t 12:F 14:t", BrokerState.Unresponsive)]
    [InlineData("SIGSTOP, then kill -9", "0:L 0:+ 2:t 4:t 6:t 8:r 8:r", BrokerState.Down)]
    [InlineData("network cut", "0:L 0:+ 2:u 4:u 6:u", BrokerState.Down)]
    [InlineData("never answered, refused", "0:L 0:r", BrokerState.Down)]
    [InlineData("named only in replica lists", "0:-", BrokerState.Down)]
    [InlineData("drained of its replicas is no shutdown", "0:L 0:+ 2:+ 3:D 4:+", BrokerState.Active)]
    [InlineData("log-in fails again and again", "0:L 0:+ 2:f 4:f 6:f", BrokerState.Unknown)]
    [InlineData("one failed request is no verdict", "0:L 0:+ 2:f", BrokerState.Active)]
    public void State_follows_the_evidence(string why, string story, BrokerState expected)
    {
        var liveness = Tell(story);

        Assert.True(expected == liveness.State, $"{why}: expected {expected}, got {liveness.State} ({liveness.Evidence})");
    }

    [Fact]
    public void Since_and_evidence_belong_to_the_state_that_holds()
    {
        var liveness = Tell("0:L 0:+ 2:+ 4:x 4:r 6:r 8:r");

        Assert.Equal(Start.AddSeconds(4), liveness.Since);
        Assert.Contains("refused", liveness.Evidence, StringComparison.Ordinal);
    }

    private static BrokerLiveness Tell(string story)
    {
        var liveness = BrokerLiveness.New(Start);
        foreach (var step in story.Split(' '))
        {
            var at = Start.AddSeconds(int.Parse(step[..step.IndexOf(':', StringComparison.Ordinal)], null));
            liveness = step[^1] switch
            {
                '+' => Probe(ProbeOutcome.Answered, "answered"),
                'r' => Probe(ProbeOutcome.Refused, "connection refused"),
                'x' => liveness.OnBreak(),
                't' => Probe(ProbeOutcome.TimedOut, "no answer"),
                'u' => Probe(ProbeOutcome.Unreachable, "no route"),
                'f' => Probe(ProbeOutcome.Failed, "wrong password"),
                'L' => See(new BrokerSighting(true, false, 9, 3, 6)),
                'O' => See(new BrokerSighting(true, false, 9, 0, 0)),
                'F' => See(new BrokerSighting(true, true, 9, 0, 0)),
                'D' => See(new BrokerSighting(true, false, 0, 0, 0)),
                '-' => See(new BrokerSighting(false, null, 9, 0, 0)),
                var other => throw new ArgumentException($"Unknown evidence {other}", nameof(story)),
            };

            BrokerLiveness Probe(ProbeOutcome outcome, string detail) =>
                liveness.OnProbe(new BrokerProbe(1, outcome, TimeSpan.Zero, detail), at, LivenessLimits.Default);

            BrokerLiveness See(BrokerSighting sighting) => liveness.OnSighting(sighting, at, LivenessLimits.Default);
        }

        return liveness;
    }
}
