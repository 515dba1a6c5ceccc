using ControlPlane.Api.Answers;

namespace ControlPlane.Api.Burrow;

/// <summary>The path of a request as its client wrote it: what separates segments is told from what is in them.</summary>
/// <param name="Path">Decoded, as Burrow repeats it in its answers.</param>
/// <param name="Segments">Decoded once.</param>
/// <param name="Clean">Where a path with empty segments, dots or a slash at its end should have gone; null for one that is in order.</param>
internal sealed record BurrowAddress(string Path, string[] Segments, string? Clean)
{
    public static BurrowAddress Of(HttpContext http)
    {
        var raw = RawPath.Segments(http);
        var kept = new List<string>(raw.Length);
        foreach (var segment in raw)
        {
            if (segment == ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }
            else if (segment is not ("" or "." or ".."))
            {
                kept.Add(segment);
            }
        }

        string[] segments = [.. kept.Select(Uri.UnescapeDataString)];
        return new BurrowAddress($"/{string.Join('/', segments)}", segments, kept.Count == raw.Length ? null : $"/{string.Join('/', kept)}");
    }

    /// <summary>What a segment may mean: some clients escape twice, and some names hold a percent sign.</summary>
    public static IEnumerable<string> Readings(string segment)
    {
        yield return segment;
        if (segment.Contains('%', StringComparison.Ordinal) && Uri.UnescapeDataString(segment) is var again && again != segment)
        {
            yield return again;
        }
    }
}
