using System.Text.Json;

namespace ControlPlane.Api.Burrow;

/// <summary>One request of Burrow's API, and the answers that repeat its path.</summary>
internal sealed record BurrowCall(HttpContext Http, BurrowAddress Address)
{
    public string Path => Address.Path;

    public CancellationToken Token => Http.RequestAborted;

    public BurrowAnswer Ok(string message, Action<Utf8JsonWriter>? content) => BurrowAnswer.Ok(message, Path, content);

    public BurrowAnswer Missing(string message) => BurrowAnswer.Error(404, message, Path);

    public BurrowAnswer Refused(string message) => BurrowAnswer.Error(403, message, Path);
}
