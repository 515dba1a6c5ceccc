using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ControlPlane.Api.Burrow;

/// <summary>An answer in Burrow's words: each has its keys in an order, and clients exist that count on it.</summary>
internal sealed class BurrowAnswer : IResult, IStatusCodeHttpResult
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _body;
    private readonly string? _type;

    private BurrowAnswer(int status, string? type, byte[] body) => (StatusCode, _type, _body) = (status, type, body);

    public int? StatusCode { get; }

    /// <summary>Header and value that go with it.</summary>
    private (string Name, string Value)? Header { get; init; }

    public static BurrowAnswer Text(int status, string text) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    public static BurrowAnswer UnknownPath { get; } = Text(404, """{"error":true,"message":"invalid request type","result":{}}""" + "\n");

    public static BurrowAnswer WrongMethod(string allow) => new(405, "text/plain; charset=utf-8", "Method Not Allowed\n"u8.ToArray()) { Header = ("Allow", allow) };

    public static BurrowAnswer Options(string allow) => new(200, null, []) { Header = ("Allow", allow) };

    public static BurrowAnswer Moved(string method, string location) => HttpMethods.IsGet(method)
        ? new(301, "text/html; charset=utf-8", Encoding.UTF8.GetBytes($"<a href=\"{HtmlEncoder.Default.Encode(location)}\">Moved Permanently</a>.\n\n")) { Header = ("Location", location) }
        : new(307, null, []) { Header = ("Location", location) };

    public static BurrowAnswer Error(int status, string message, string path) => Json(status, true, message, path, null);

    public static BurrowAnswer Ok(string message, string path, Action<Utf8JsonWriter>? content, bool isRequestFirst = false) => Json(200, false, message, path, content, isRequestFirst);

    public static BurrowAnswer Json(int status, bool isError, string message, string path, Action<Utf8JsonWriter>? content, bool isRequestFirst = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteBoolean("error", isError);
            json.WriteString("message", message);
            if (isRequestFirst)
            {
                WriteRequest(json, path);
            }

            content?.Invoke(json);
            if (!isRequestFirst)
            {
                WriteRequest(json, path);
            }

            json.WriteEndObject();
        }

        return new BurrowAnswer(status, "application/json", buffer.WrittenSpan.ToArray());
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (StatusCode!.Value, _type, _body.Length);
        response.Headers.CacheControl = "no-store";
        if (Header is { } header)
        {
            response.Headers.Append(header.Name, header.Value);
        }

        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(_body, httpContext.RequestAborted);
        }
    }

    private static void WriteRequest(Utf8JsonWriter json, string path)
    {
        json.WriteStartObject("request");
        json.WriteString("url", path);
        json.WriteString("host", Environment.MachineName);
        json.WriteEndObject();
    }
}

/// <summary>What Burrow's answers are made of.</summary>
internal static class BurrowJson
{
    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
