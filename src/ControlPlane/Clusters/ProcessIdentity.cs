using System.Globalization;
using System.Reflection;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>Who this process is to the others that share its database. A new id with every start: leases do not outlive a process.</summary>
internal sealed class ProcessIdentity
{
    private volatile string _address = "";

    public Guid Id { get; } = Guid.NewGuid();

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName.ToLowerInvariant()}:{Environment.ProcessId}");

    public string Version { get; } =
        typeof(ProcessIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Where other processes reach this one's API; set once the server listens.</summary>
    public string Address => _address;

    public ProcessInfo Info => new(Id, Name, _address, Version);

    public void Advertise(string address) => _address = address;
}
