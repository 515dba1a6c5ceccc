using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace ControlPlane.Api.Access;

/// <summary>
/// Short-lived proofs of identity inside the installation, sealed with the data protection keys that all processes share.
/// A circuit ticket lets the pages of one user call the API from the server; a forward ticket lets another process answer one
/// request in its caller's name.
/// </summary>
internal sealed class Tickets(IDataProtectionProvider protection, TimeProvider time)
{
    public const string CircuitHeader = "X-Kcp-Circuit";
    public const string ForwardHeader = "X-Kcp-Forwarded";

    private static readonly TimeSpan CircuitLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ForwardLife = TimeSpan.FromSeconds(60);

    private readonly IDataProtector _circuit = protection.CreateProtector("ControlPlane.Api.CircuitTicket.v1");
    private readonly IDataProtector _forward = protection.CreateProtector("ControlPlane.Api.ForwardTicket.v1");

    /// <summary>For a user who logged in by cookie; whoever reads it asks the user's stamp again.</summary>
    public string ForCircuit(Caller caller) => Seal(_circuit, Content(caller, CircuitLife));

    /// <summary>Good for this method and this path alone: what is caught on the way can't be turned into something else.</summary>
    public string ForForward(Caller caller, string method, string pathAndQuery) =>
        Seal(_forward, Content(caller, ForwardLife) with { Request = Binding(method, pathAndQuery) });

    public Caller? ReadCircuit(string sealedText) => Read(_circuit, sealedText) is { } content ? ToCaller(content) : null;

    public Caller? ReadForward(string sealedText, string method, string pathAndQuery) =>
        Read(_forward, sealedText) is { } content && string.Equals(content.Request, Binding(method, pathAndQuery), StringComparison.Ordinal)
            ? ToCaller(content) with { IsForwarded = true }
            : null;

    private static string Binding(string method, string pathAndQuery) => $"{method} {pathAndQuery}";

    private static Caller ToCaller(TicketContent content) => new(content.Name, content.Kind, content.Role)
    {
        Stamp = content.Stamp,
        SourceAddress = IPAddress.TryParse(content.Source, out var address) ? address : null,
    };

    private TicketContent Content(Caller caller, TimeSpan life) =>
        new(caller.Name, caller.Kind, caller.Role, caller.Stamp, caller.SourceAddress?.ToString(), (time.GetUtcNow() + life).ToUnixTimeMilliseconds(), null);

    private static string Seal(IDataProtector protector, TicketContent content) =>
        WebEncoders.Base64UrlEncode(protector.Protect(JsonSerializer.SerializeToUtf8Bytes(content, TicketJson.Default.TicketContent)));

    private TicketContent? Read(IDataProtector protector, string sealedText)
    {
        try
        {
            var content = JsonSerializer.Deserialize(protector.Unprotect(WebEncoders.Base64UrlDecode(sealedText)), TicketJson.Default.TicketContent);
            return content is not null && content.Until > time.GetUtcNow().ToUnixTimeMilliseconds() ? content : null;
        }
        catch (Exception ex) when (ex is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>What is sealed in a ticket.</summary>
internal sealed record TicketContent(string Name, ActorKind Kind, Role Role, Guid? Stamp, string? Source, long Until, string? Request);

[JsonSerializable(typeof(TicketContent))]
internal sealed partial class TicketJson : JsonSerializerContext;
