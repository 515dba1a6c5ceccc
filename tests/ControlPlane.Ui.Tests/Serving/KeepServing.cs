using ControlPlane.Contracts;

namespace ControlPlane.Ui.Tests.Serving;

/// <summary>Serves the made-up fleet for a look by hand: KCP_UI_SERVE=seconds, the address on the console.</summary>
public sealed class KeepServing
{
    [Fact(Explicit = true)]
    public async Task Serves_the_pages_for_as_long_as_asked()
    {
        var asked = Environment.GetEnvironmentVariable("KCP_UI_SERVE");
        Assert.True(
            int.TryParse(asked, System.Globalization.CultureInfo.InvariantCulture, out var seconds),
            $"KCP_UI_SERVE is '{asked}'. Set it to a number of seconds to look at the pages by hand, and run this test with -explicit only.");

        await using var host = await UiHost.StartAsync(new FakeFleet(Role.Admin), Environment.GetEnvironmentVariable("KCP_UI_ADDRESS") ?? "http://127.0.0.1:0", isReloading: true);
        await Console.Out.WriteLineAsync($"Serving {host.Address}");
        await Task.Delay(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);
    }
}
