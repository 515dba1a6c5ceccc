namespace ControlPlane.Cli.Tests.Scripts;

/// <summary>A folder for ./run that is gone after the test.</summary>
internal sealed class DataFolder : IDisposable
{
    // Not CreateTempSubdirectory: that is closed to PostgreSQL's own user.
    public DataFolder() => Path = Directory.CreateDirectory(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"kcp-run-{Guid.NewGuid():N}")).FullName;

    public string Path { get; }

    /// <summary>As ./run leaves it.</summary>
    public DataFolder Known()
    {
        Write(".kcp-data", "");
        return this;
    }

    public DataFolder Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return this;
    }

    /// <summary>All files with their contents, to show that nothing was lost.</summary>
    public IReadOnlyDictionary<string, string> Contents(string below) => Directory
        .EnumerateFiles(System.IO.Path.Combine(Path, below), "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
