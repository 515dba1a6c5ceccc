namespace ControlPlane.Ui.Api;

/// <summary>How the pages of one visitor reach the API of their own process; implemented by the host, scoped to the request or circuit.</summary>
public interface IApiAccess
{
    /// <summary>Root of the API's process as it reaches itself, without <c>/api/v1</c>.</summary>
    Uri BaseAddress { get; }

    /// <summary>Makes the request speak for the visitor. Called anew for each request, so that what it adds may be short-lived.</summary>
    ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken);
}
