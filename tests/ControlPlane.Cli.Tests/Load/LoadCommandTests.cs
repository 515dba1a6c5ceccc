using System.Text.Json;
using ControlPlane.Cli.Load;

namespace ControlPlane.Cli.Tests.Load;

public sealed class LoadCommandTests
{
    [Fact]
    public async Task Nobody_listening_is_told_with_the_address()
    {
        var address = $"127.0.0.1:{FakeApi.FreePort()}";

        var run = await KcpRun.OfAsync("load", "--bootstrap-server", address, "--admin-timeout", "2");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"No broker answers at {address}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_says_what_is_unknown()
    {
        var counters = new LoadCounters(TimeProvider.System);
        counters.Fail("Broker: Not enough in-sync replicas");

        var report = counters.Next();

        Assert.Equal((0, 1, null), (report.Acknowledged, report.Failed, report.P99Ms));
        Assert.Contains("p99 unknown", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("last error: Broker: Not enough in-sync replicas", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, JsonSerializer.SerializeToElement(report).GetProperty("P50Ms").ValueKind);
    }

    [Fact]
    public void A_report_covers_only_its_time_and_the_last_one_all()
    {
        var counters = new LoadCounters(TimeProvider.System);
        counters.Acknowledge(TimeSpan.FromMilliseconds(5));
        counters.Next();
        counters.Acknowledge(TimeSpan.FromMilliseconds(7));
        counters.Consume();

        Assert.Equal((1, 1), (counters.Next().Acknowledged, counters.Total().Consumed));
        Assert.Equal(2, counters.Total().Acknowledged);
    }
}
