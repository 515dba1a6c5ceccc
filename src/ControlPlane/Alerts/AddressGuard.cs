using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Alerts;

/// <summary>An address that alerts must not be sent to; the text says which and what to do.</summary>
internal sealed class AddressRefusedException(string message) : IOException(message);

/// <summary>
/// Keeps alerts away from addresses that only this machine or its network segment reaches: services there trust whoever asks.
/// Judges the address a connection is really made to, each time, so that a name can't mean something else the second time.
/// </summary>
internal sealed class AddressGuard(IOptions<AlertsOptions> options)
{
    private static readonly (IPNetwork Network, string What)[] Refused =
    [
        (IPNetwork.Parse("127.0.0.0/8"), "a loopback address"),
        (IPNetwork.Parse("::1/128"), "a loopback address"),
        (IPNetwork.Parse("169.254.0.0/16"), "a link-local address, where clouds keep their metadata service"),
        (IPNetwork.Parse("fe80::/10"), "a link-local address"),
        (IPNetwork.Parse("0.0.0.0/8"), "an unspecified address"),
        (IPNetwork.Parse("::/128"), "an unspecified address"),
        (IPNetwork.Parse("224.0.0.0/4"), "a multicast address"),
        (IPNetwork.Parse("ff00::/8"), "a multicast address"),
        (IPNetwork.Parse("240.0.0.0/4"), "a reserved address"),
        (IPNetwork.Parse("fd00:ec2::254/128"), "a cloud's metadata service"),
        (IPNetwork.Parse("100.100.100.200/32"), "a cloud's metadata service"),
    ];

    // Both carry an IPv4 address in their last four bytes.
    private static readonly IPNetwork[] Carriers = [IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("::/96")];

    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedAddresses.Select(text => IPNetwork.Parse(text))];

    /// <summary>Asks a name server.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> ResolveAsync { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>What kind of refused address it is; null where it may be sent to.</summary>
    public string? Refuse(IPAddress address)
    {
        var plain = Plain(address);
        return _allowed.Any(network => network.Contains(plain) || network.Contains(address)) ? null : Array.Find(Refused, rule => rule.Network.Contains(plain)).What;
    }

    /// <summary>The same for a host as it is written, as far as that can be known without asking a name server.</summary>
    public string? Refuse(Uri url)
    {
        if (IPAddress.TryParse(url.DnsSafeHost, out var address))
        {
            return Refuse(address);
        }

        var host = url.DnsSafeHost.TrimEnd('.');
        var isLocal = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        return isLocal ? Refuse(IPAddress.Loopback) : null;
    }

    /// <summary>How the HTTP client connects: to the first address of the host that is allowed and answers.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken);
        var allowed = Array.FindAll(addresses, address => Refuse(address) is null);
        if (allowed.Length == 0 && addresses.Length > 0)
        {
            throw new AddressRefusedException(Explain(host, addresses[0], Refuse(addresses[0])!));
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static string Explain(string host, IPAddress? address, string what) =>
        $"{(address is null || host == address.ToString() ? host : $"{host} is {address}, which")} is {what}. Alerts are not sent there. Use an address that other machines reach, or have the network added to Alerts:AllowedAddresses.";

    private static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var isCarrier = address.AddressFamily == AddressFamily.InterNetworkV6 && !address.Equals(IPAddress.IPv6Loopback) && !address.Equals(IPAddress.IPv6Any)
            && Array.Exists(Carriers, network => network.Contains(address));
        return isCarrier ? new IPAddress(address.GetAddressBytes().AsSpan(12)) : address;
    }
}
