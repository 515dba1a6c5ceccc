using Microsoft.Net.Http.Headers;

namespace ControlPlane.Api.Resources;

/// <summary>Versions of what is edited, as requests carry them.</summary>
internal static class EndpointVersions
{
    /// <summary>The version in If-Match; null where there is none. One that is no version of ours matches nothing: -1.</summary>
    public static long? IfMatch(HttpContext http)
    {
        if (http.Request.Headers.IfMatch.Count == 0)
        {
            return null;
        }

        return EntityTagHeaderValue.TryParse(http.Request.Headers.IfMatch.ToString(), out var tag) && long.TryParse(tag.Tag.AsSpan().Trim('"'), out var version) ? version : -1;
    }
}
