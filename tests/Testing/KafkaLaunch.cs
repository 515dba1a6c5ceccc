using System.Diagnostics;

namespace ControlPlane.Testing;

/// <summary>The command line of one Kafka process.</summary>
internal sealed record KafkaLaunch(string KafkaHome, string Folder, string Name, int Port, int HeapMegabytes)
{
    public IReadOnlyList<string> LogDirs { get; init; } = [];

    public string MainClass { get; init; } = "kafka.Kafka";

    /// <summary>Written to the log after the controller has lifted the fence (a broker) or the quorum answers (the controller).</summary>
    public string StartedMark { get; init; } = "Kafka Server started";

    public string PropertiesFile => Path.Combine(Folder, $"{Name}.properties");

    public string LogFile => Path.Combine(Folder, $"{Name}.log");

    /// <summary>Starts through a shell that only redirects and then becomes java, so that the pid is java's.</summary>
    public ProcessStartInfo StartInfo() => Java(MainClass, PropertiesFile);

    public ProcessStartInfo FormatInfo(string clusterId, IEnumerable<string> more) =>
        Java("kafka.tools.StorageTool", ["format", "-t", clusterId, "-c", PropertiesFile, .. more]);

    /// <summary>The archive of eng/kafka-classes.sh, where there is one. Java leaves one alone that is not of its version, class path and flags.</summary>
    private IEnumerable<string> Classes() => File.Exists($"{KafkaHome}.jsa") ? [$"-XX:SharedArchiveFile={KafkaHome}.jsa"] : [];

    private ProcessStartInfo Java(string mainClass, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh");
        string[] command =
        [
            "-c", """log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null""", "kcp-test-kafka", LogFile,
            "java", $"-Xmx{HeapMegabytes}m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", .. Classes(), "-XX:-UsePerfData",
            $"-Dlog4j2.configurationFile={Path.Combine(Folder, "log4j2.yaml")}",
            $"-Dlog4j.configuration=file:{Path.Combine(Folder, "log4j.properties")}",
            "-cp", Path.Combine(KafkaHome, "libs", "*"), mainClass, .. arguments,
        ];
        foreach (var word in command)
        {
            start.ArgumentList.Add(word);
        }

        return start;
    }
}
