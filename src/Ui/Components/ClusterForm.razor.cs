using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>The wizard behind "Add cluster" and "Edit"; closes with the id of the cluster it saved.</summary>
public sealed partial class ClusterForm
{
    private ConnectionEdit _edit = new();
    private string _id = "";
    private string _name = "";
    private bool _isSimulated;
    private bool _isTroubled = true;
    private bool _isBusy;
    private int _brokers = 6;
    private int _topics = 40;
    private int _groups = 8;
    private ConnectionTestDto? _test;
    private ApiProblem? _problem;

    /// <summary>The cluster to edit; null to add one.</summary>
    [Parameter] public ClusterDto? Existing { get; set; }

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    [Inject] private DialogService Dialogs { get; set; } = null!;

    internal void Refresh() => StateHasChanged();

    protected override void OnInitialized()
    {
        if (Existing is { } cluster)
        {
            (_id, _name, _isSimulated, _edit) = (cluster.Id, cluster.DisplayName, cluster.Kind == ClusterKind.Simulated, ConnectionEdit.Of(cluster.Connection));
        }
    }

    private Task TestAsync() => AttemptAsync(async () => _test = await Api.TestConnectionAsync(new() { Connection = _edit.ToRequest(), ClusterId = Existing?.Id }, CancellationToken.None));

    private Task SaveAsync() => AttemptAsync(async () =>
    {
        var name = _name.Trim().Length == 0 ? _id.Trim() : _name.Trim();
        var saved = Existing is { } cluster
            ? await Api.UpdateClusterAsync(cluster.Id, cluster.Version, new() { DisplayName = name, Labels = cluster.Labels, Connection = _isSimulated ? null : _edit.ToRequest() }, CancellationToken.None)
            : await Api.CreateClusterAsync(Creation(name), CancellationToken.None);
        Dialogs.Close(saved.Id);
    });

    private CreateClusterRequest Creation(string name) => new()
    {
        Id = _id.Trim(),
        DisplayName = name,
        Kind = _isSimulated ? ClusterKind.Simulated : ClusterKind.Kafka,
        Connection = _isSimulated ? null : _edit.ToRequest(),
        Simulation = _isSimulated ? new() { Brokers = _brokers, Topics = _topics, Groups = _groups, Troubled = _isTroubled } : null,
    };

    private async Task AttemptAsync(Func<Task> attempt)
    {
        (_isBusy, _problem, _test) = (true, null, null);
        try
        {
            await attempt();
        }
        catch (ApiProblemException exception)
        {
            _problem = exception.Problem;
        }
        finally
        {
            _isBusy = false;
        }
    }

    /// <summary>Fields come back as the API names them, alone or below "connection".</summary>
    private string? ErrorOf(string field) => _problem?.FieldErrors?
        .Where(error => error.Key.Split('.')[^1].Equals(field, StringComparison.OrdinalIgnoreCase))
        .SelectMany(error => error.Value).FirstOrDefault();
}
