using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Cli.Connection;

/// <summary>The API's JSON, and the same laid out for people and for lines.</summary>
internal static class Json
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    // For a terminal, not for a web page: no need to escape names beyond ASCII.
    public static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
