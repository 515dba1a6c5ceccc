using System.Net;
using ControlPlane.Alerts;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Alerts;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.8.9.10", "loopback")]
    [InlineData("::1", "loopback")]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("::127.0.0.1", "loopback")]
    [InlineData("64:ff9b::7f00:1", "loopback")]
    [InlineData("169.254.169.254", "metadata")]
    [InlineData("::ffff:169.254.169.254", "metadata")]
    [InlineData("fd00:ec2::254", "metadata")]
    [InlineData("100.100.100.200", "metadata")]
    [InlineData("169.254.1.1", "link-local")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("0.1.2.3", "unspecified")]
    [InlineData("::", "unspecified")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("255.255.255.255", "reserved")]
    public void An_address_that_only_this_machine_or_segment_reaches_is_refused_unless_it_is_allowed(string address, string what)
    {
        Assert.Contains(what, Guard().Refuse(IPAddress.Parse(address)), StringComparison.Ordinal);
        Assert.Null(Guard("0.0.0.0/0", "::/0").Refuse(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.1.1")]
    [InlineData("172.16.0.1")]
    [InlineData("93.184.216.34")]
    [InlineData("fd12::1")]
    [InlineData("2606:2800:220:1::1")]
    [InlineData("64:ff9b::5db8:d822")]
    public void Private_and_public_networks_are_fine(string address) => Assert.Null(Guard().Refuse(IPAddress.Parse(address)));

    [Fact]
    public void An_exception_is_for_its_network_alone()
    {
        var guard = Guard("127.0.0.0/8");

        Assert.Null(guard.Refuse(IPAddress.Parse("::ffff:127.0.0.1"))); // the same place, written otherwise
        Assert.NotNull(guard.Refuse(IPAddress.Parse("169.254.169.254")));
        Assert.NotNull(guard.Refuse(IPAddress.IPv6Loopback));
    }

    [Theory]
    [InlineData("http://localhost/")]
    [InlineData("http://LOCALHOST./")]
    [InlineData("http://kafka.localhost:8080/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:169.254.169.254]/latest/meta-data")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://127.1/")]
    public void A_url_is_judged_however_its_host_is_written(string url) => Assert.NotNull(Guard().Refuse(new Uri(url)));

    [Fact]
    public void A_name_is_judged_when_it_is_connected_to() => Assert.Null(Guard().Refuse(new Uri("http://hooks.example.com/")));

    [Fact]
    public void A_refusal_says_what_the_name_means_and_what_to_do()
    {
        var text = AddressGuard.Explain("hooks.example.com", IPAddress.Loopback, "a loopback address");

        Assert.Equal(
            "hooks.example.com is 127.0.0.1, which is a loopback address. Alerts are not sent there. Use an address that other machines reach, or have the network added to Alerts:AllowedAddresses.", text);
    }

    private static AddressGuard Guard(params string[] allowed) => new(Options.Create(new AlertsOptions { AllowedAddresses = allowed }));
}
