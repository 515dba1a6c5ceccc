using System.Net;
using ControlPlane.Clusters;
using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ControlPlane.Api.Access;

/// <summary>
/// How the pages of one user call the API of their own process: a ticket minted from the cookie's principal for each request,
/// so that roles and limits hold for pages as for programs.
/// </summary>
internal sealed class CircuitApiAccess(AuthenticationStateProvider authentication, Tickets tickets, IServer server, ProcessIdentity self) : IApiAccess
{
    /// <summary>The address this process listens on, as it reaches itself.</summary>
    public Uri BaseAddress { get; } = Own(server, self);

    public async ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var state = await authentication.GetAuthenticationStateAsync();
        if (Caller.Of(state.User) is { Kind: Storage.ActorKind.User } caller)
        {
            request.Headers.Remove(Tickets.CircuitHeader);
            request.Headers.Add(Tickets.CircuitHeader, tickets.ForCircuit(caller));
        }
    }

    private static Uri Own(IServer server, ProcessIdentity self)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        // Plain http first: a certificate is made for the outside name, not for the loopback.
        var address = addresses.OrderBy(one => one.StartsWith("https", StringComparison.OrdinalIgnoreCase)).FirstOrDefault() ?? self.Address;
        var uri = new UriBuilder(address.Replace("//*", "//127.0.0.1", StringComparison.Ordinal).Replace("//+", "//127.0.0.1", StringComparison.Ordinal));
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var bound) && (bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any)))
        {
            uri.Host = IPAddress.Loopback.ToString();
        }

        return uri.Uri;
    }
}
