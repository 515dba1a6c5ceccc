using ControlPlane.Clusters;
using ControlPlane.Storage;

namespace ControlPlane.Api.Forwarding;

/// <summary>Where the other live processes of this installation answer.</summary>
internal sealed class PeerProcesses(ProcessStore processes, ProcessIdentity self)
{
    public async Task<IReadOnlyList<Uri>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. from process in await processes.ListLiveAsync(cancellationToken)
           where process.Process.Id != self.Id
           let address = Uri.TryCreate(process.Process.Address, UriKind.Absolute, out var uri) ? uri : null
           where address is not null
           select address,
    ];
}
