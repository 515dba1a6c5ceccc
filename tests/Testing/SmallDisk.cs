using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Testing;

/// <summary>A disk of a few megabytes that a test fills and empties: a tmpfs of its own, gone when disposed or when this process dies.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly Process _watchdog;

    private SmallDisk(string path)
    {
        Path = path;

        // Waits for the end of its input, which comes with the end of this process even when it is killed.
        _watchdog = Start("/bin/sh", "-c", """cat > /dev/null; umount -l "$1"; rmdir "$1" """, "disk-watchdog", path);
    }

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Null where this machine does not let us mount; <paramref name="why"/> says so.</summary>
    public static SmallDisk? TryMount(int megabytes, out string why)
    {
        why = "";
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            why = "A disk of a certain size can be mounted on Linux by root only.";
            return null;
        }

        var path = Directory.CreateTempSubdirectory("kcp-disk-").FullName;
        var size = megabytes.ToString(CultureInfo.InvariantCulture);
        using var mount = Start("mount", "-t", "tmpfs", "-o", $"size={size}m,mode=0755", "kcp-test", path);
        mount.StandardInput.Close();
        var said = mount.StandardError.ReadToEnd();
        mount.WaitForExit();
        if (mount.ExitCode == 0)
        {
            return new SmallDisk(path);
        }

        Directory.Delete(path);
        why = $"This machine lets nobody mount a tmpfs: {said.Trim()}";
        return null;
    }

    /// <summary>Leaves not a byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var block = new byte[1 << 20]; block.Length >= 512;)
        {
            try
            {
                file.Write(block);
            }
            catch (IOException)
            {
                block = new byte[block.Length / 2];
            }
        }
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        _watchdog.StandardInput.Close();
        await _watchdog.WaitForExitAsync();
        _watchdog.Dispose();
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardError = true, UseShellExecute = false })
        ?? throw new InvalidOperationException($"{program} did not start");
}
