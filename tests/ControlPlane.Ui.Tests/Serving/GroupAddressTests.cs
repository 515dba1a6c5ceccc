using System.Net;

namespace ControlPlane.Ui.Tests.Serving;

/// <summary>The address of a group's page, as a link makes it, leads to the group of that name.</summary>
public sealed class GroupAddressTests
{
    [Theory]
    [InlineData("a/b")]
    [InlineData("p%q 100%25")]
    [InlineData("größe 😀 <b>&\"")]
    public async Task The_page_of_a_group_with_an_odd_name_is_titled_with_its_whole_name(string group)
    {
        await using var host = await UiHost.StartAsync(new FakeFleet());
        using var client = new HttpClient(new SocketsHttpHandler());
        var page = await client.GetStringAsync(new Uri($"{host.Address}/c/production/groups/{Uri.EscapeDataString(group)}"), TestContext.Current.CancellationToken);

        Assert.Contains($"<title>{group} · Control Plane</title>", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }
}
