using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ControlPlane.Api.Views;
using ControlPlane.Engine.Model;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Api.Answers;

/// <summary>JSON answers with an ETag: 304 where the reader has it already.</summary>
internal static class Answer
{
    /// <summary>For what comes from a picture: nothing is made where the reader knows this picture.</summary>
    public static IResult OfModel<T>(HttpContext http, ClusterModel model, Func<T> make) =>
        Tagged(http, model, Tag(model), make);

    /// <summary>For what also tells ages: it changes with each second.</summary>
    public static IResult OfModelAt<T>(HttpContext http, ClusterModel model, DateTimeOffset now, Func<T> make) =>
        Tagged(http, model, string.Create(CultureInfo.InvariantCulture, $"{Tag(model)}-{now.ToUnixTimeSeconds():x}"), make);

    /// <summary>For everything else: the tag is a hash of the content.</summary>
    public static IResult Of<T>(HttpContext http, T value)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, TypeInfo<T>());
        var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12))}\"";
        return IsKnown(http, tag) ? NotModified(http, tag) : new BytesAnswer(body, tag);
    }

    /// <summary>For what is edited with If-Match: a strong tag that is the version.</summary>
    public static IResult OfVersion<T>(HttpContext http, long version, T value, int status = StatusCodes.Status200OK, string? location = null)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");
        if (status == StatusCodes.Status200OK && HttpMethods.IsGet(http.Request.Method) && IsKnown(http, tag))
        {
            return NotModified(http, tag);
        }

        return new JsonAnswer<T>(value, status, tag, location);
    }

    /// <summary>For what is said once: no tag, and never kept by anybody.</summary>
    public static IResult Once<T>(T value, int status = StatusCodes.Status200OK, string? location = null) => new JsonAnswer<T>(value, status, null, location);

    public static JsonTypeInfo<T> TypeInfo<T>() =>
        (JsonTypeInfo<T>)(ApiJson.Default.GetTypeInfo(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T)} is missing in ApiJson."));

    public static void Head(HttpResponse response, int status, string? tag, string? location)
    {
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = tag is null ? "no-store" : "private, no-cache";
        if (tag is not null)
        {
            response.Headers.ETag = tag;
        }

        if (location is not null)
        {
            response.Headers.Location = location;
        }
    }

    private static IResult Tagged<T>(HttpContext http, ClusterModel model, string seed, Func<T> make)
    {
        var tag = $"W/\"{seed}\"";
        return IsKnown(http, tag) ? NotModified(http, tag) : new KeptAnswer<T>(ClusterView.Of(model).Answers, tag, make);
    }

    // The time goes in as well: another owner counts generations from its own beginning.
    private static string Tag(ClusterModel model) => string.Create(CultureInfo.InvariantCulture, $"{model.Generation:x}-{model.At.UtcTicks:x}");

    private static bool IsKnown(HttpContext http, string tag)
    {
        if (http.Request.Headers.IfNoneMatch.Count == 0)
        {
            return false;
        }

        var own = EntityTagHeaderValue.Parse(tag);
        return EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var known)
            && known.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(own, useStrongComparison: false));
    }

    private static IResult NotModified(HttpContext http, string tag)
    {
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.StatusCode(StatusCodes.Status304NotModified);
    }
}

/// <summary>A value written straight into the response.</summary>
internal sealed class JsonAnswer<T>(T value, int status, string? tag, string? location) : IResult, IStatusCodeHttpResult, IValueHttpResult<T>
{
    public int? StatusCode => status;

    public T? Value => value;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        Answer.Head(httpContext.Response, status, tag, location);
        return JsonSerializer.SerializeAsync(httpContext.Response.BodyWriter, value, Answer.TypeInfo<T>(), httpContext.RequestAborted);
    }
}

/// <summary>JSON that is made from a picture once, and kept with it.</summary>
internal sealed class KeptAnswer<T>(KeptAnswers answers, string tag, Func<T> make) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var question = $"{request.Path.Value}{request.QueryString.Value}";
        var kept = await answers.GetAsync(question, tag, () => JsonSerializer.SerializeToUtf8Bytes(make(), Answer.TypeInfo<T>()));
        Answer.Head(response, StatusCodes.Status200OK, tag, null);
        var body = kept.Plain;
        if (kept.IsWorthCompressing && TakesBrotli(request))
        {
            response.Headers.ContentEncoding = "br"; // which the compression of other answers leaves alone
            response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
            body = kept.Brotli;
            response.ContentLength = body.Length;
        }

        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    private static bool TakesBrotli(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value.Equals("br", StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);
}

/// <summary>JSON that is serialised already.</summary>
internal sealed class BytesAnswer(byte[] body, string tag) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status200OK;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        Answer.Head(httpContext.Response, StatusCodes.Status200OK, tag, null);
        httpContext.Response.ContentLength = body.Length;
        return httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
