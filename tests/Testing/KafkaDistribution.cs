namespace ControlPlane.Testing;

/// <summary>Finds an unpacked Kafka of a wanted version outside the checkout.</summary>
public static class KafkaDistribution
{
    /// <summary>The folder with libs/*.jar. Throws <see cref="KafkaUnavailableException"/> with what to do where there is none.</summary>
    public static string Find(string version)
    {
        var candidates = Candidates(version).ToList();
        return candidates.Find(home => HasVersion(home, version))
            ?? throw new KafkaUnavailableException(
                $"Kafka {version} was found in none of: {string.Join(", ", candidates)}. " +
                $"Set KAFKA_HOME_{version.Replace('.', '_')} to an unpacked distribution, or unpack one into the last folder named.");
    }

    private static IEnumerable<string> Candidates(string version)
    {
        foreach (var name in (string[])[$"KAFKA_HOME_{version.Replace('.', '_')}", "KAFKA_HOME"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } home)
            {
                yield return home;
            }
        }

        yield return Path.Combine(CacheFolder(), "kafka", $"kafka-{version}");
    }

    private static string CacheFolder()
    {
        if (Environment.GetEnvironmentVariable("KCP_CACHE") is { Length: > 0 } cache)
        {
            return cache;
        }

        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return Path.Combine(string.IsNullOrEmpty(xdg) ? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".cache") : xdg, "kcp");
    }

    private static bool HasVersion(string home, string version) => File.Exists(Path.Combine(home, "libs", $"kafka-clients-{version}.jar"));
}
