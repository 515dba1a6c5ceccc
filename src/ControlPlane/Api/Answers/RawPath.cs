using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Answers;

/// <summary>The path of a request as its client wrote it. Routing leaves %2F alone and decodes the rest, so that a slash in a name and the letters '%2F' in one look alike there.</summary>
internal static class RawPath
{
    /// <summary>Not decoded; without the query.</summary>
    public static string[] Segments(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return (target is ['/', ..] ? target : http.Request.Path.ToUriComponent()).Split('?')[0][1..].Split('/');
    }

    /// <summary>One segment, decoded once; what routing made of it where the path has no such segment.</summary>
    public static string Segment(HttpContext http, int at, string routed) =>
        Segments(http) is var segments && at < segments.Length ? Uri.UnescapeDataString(segments[at]) : routed;
}
