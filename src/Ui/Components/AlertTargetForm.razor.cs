using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>Adds a target of alerts or edits one.</summary>
public sealed partial class AlertTargetForm
{
    private string _name = "", _kind = "webhook", _url = "", _secret = "", _severity = "warning", _clusters = "";
    private bool _isEnabled = true;
    private bool _isBusy;
    private ApiProblem? _problem;

    [Parameter] public AlertTargetDto? Existing { get; set; }

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    [Inject] private DialogService Dialogs { get; set; } = null!;

    private bool IsPager => _kind == "pagerduty";

    protected override void OnInitialized()
    {
        if (Existing is { } target)
        {
            (_name, _kind, _url, _severity, _isEnabled) = (target.Name, target.Kind, target.Url, target.MinSeverity, target.IsEnabled);
            _clusters = string.Join(", ", target.Clusters ?? []);
        }
    }

    private async Task SaveAsync()
    {
        if (_isBusy)
        {
            return;
        }

        (_isBusy, _problem) = (true, null);
        try
        {
            await (Existing is { } target
                ? Api.UpdateAlertTargetAsync(target.Id, target.Version, Request(), CancellationToken.None)
                : Api.CreateAlertTargetAsync(Request(), CancellationToken.None));
            Dialogs.Close(true);
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

    private AlertTargetRequest Request()
    {
        var clusters = _clusters.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new(_name.Trim(), _kind, _isEnabled, Text(_url), Text(_secret), _severity, clusters.Length == 0 ? null : clusters);
    }

    private static string? Text(string typed) => typed.Trim() is { Length: > 0 } text ? text : null;

    private string? ErrorOf(string field) =>
        _problem?.FieldErrors?.Where(error => error.Key.Equals(field, StringComparison.OrdinalIgnoreCase)).SelectMany(error => error.Value).FirstOrDefault();
}
