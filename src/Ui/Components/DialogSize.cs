using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>The two sizes of a dialog.</summary>
internal static class DialogSize
{
    public static DialogOptions Narrow { get; } = new() { Width = "min(460px, 100%)", CloseDialogOnEsc = true, AutoFocusFirstElement = true };

    public static DialogOptions Wide { get; } = new() { Width = "min(680px, 100%)", CloseDialogOnEsc = true, AutoFocusFirstElement = true };
}
