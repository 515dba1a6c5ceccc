using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace ControlPlane.Ui.Tests;

/// <summary>bUnit asks for a newer AngleSharp.Diffing than registries hold; the one beside the tests does for everything but MarkupMatches.</summary>
internal static class BunitParts
{
    [ModuleInitializer]
    internal static void Resolve() => AssemblyLoadContext.Default.Resolving += static (context, name) =>
        name.Name == "AngleSharp.Diffing" ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "bunit-parts", "AngleSharp.Diffing.dll")) : null;
}
