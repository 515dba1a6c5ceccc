namespace ControlPlane.Testing;

/// <summary>
/// Recorded facts that are not part of the repository: in the folder that KCP_FIXTURES names, or in ../shared/fixtures
/// beside the checkout.
/// </summary>
public static class SharedFixtures
{
    /// <summary>The path of a file below the fixtures' folder. Null with a sentence about what is missing where there is none.</summary>
    public static string? Find(string path, out string missing)
    {
        var candidates = Candidates().Select(folder => Path.Combine(folder, path)).ToList();
        missing = $"The fixture {path} was found in none of: {string.Join(", ", candidates)}. Set KCP_FIXTURES to the folder that holds it.";
        return candidates.Find(File.Exists);
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("KCP_FIXTURES") is { Length: > 0 } folder)
        {
            yield return folder;
        }

        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "ControlPlane.sln")))
            {
                yield return Path.Combine(place.Parent?.FullName ?? place.FullName, "shared", "fixtures");
            }
        }
    }
}
