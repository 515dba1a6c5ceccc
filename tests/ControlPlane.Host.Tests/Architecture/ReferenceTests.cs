using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Host.Tests.Architecture;

/// <summary>Which folder may know which, where projects alone can't say it. One row a folder: what it may name of ours.</summary>
public sealed class ReferenceTests(SourceTree tree) : IClassFixture<SourceTree>
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Kafka"] = [],
        ["Engine"] = [],
        ["Contracts"] = [],
        ["Cli"] = ["Contracts", "Engine"], // Engine for kcp optimize and kcp lag evaluate, which ask no server
        ["Storage"] = ["Engine"],
        ["Clusters"] = ["Engine", "Storage"],
        ["Connectivity"] = ["Clusters", "Engine", "Kafka", "Storage", "Simulation"],
        ["Simulation"] = ["Clusters", "Engine"],
        ["Sampling"] = ["Clusters", "Engine", "Kafka", "Storage"],
        ["Lag"] = ["Clusters", "Engine", "Kafka", "Storage"],
        ["Anomalies"] = ["Clusters", "Engine", "Storage"],
        ["Analyzer"] = ["Clusters", "Engine", "Storage"],
        ["Execution"] = ["Clusters", "Engine", "Kafka", "Storage"],
        ["Healing"] = ["Analyzer", "Anomalies", "Clusters", "Engine", "Execution", "Storage"],
        ["Alerts"] = ["Clusters", "Engine", "Storage"],
        ["Api"] = ["Alerts", "Analyzer", "Anomalies", "Clusters", "Contracts", "Engine", "Execution", "Healing", "Lag", "Storage", "Ui"],
        ["Hosting"] = ["Alerts", "Analyzer", "Anomalies", "Api", "Clusters", "Connectivity", "Contracts", "Engine", "Execution", "Healing", "Kafka", "Lag", "Sampling", "Simulation", "Storage", "Ui"],
    };

    /// <summary>Inside Engine the pipeline runs one way: each may name itself and the ones before it.</summary>
    private static readonly string[] EnginePipeline = ["Model", "Sampling", "Lag", "Analyzer", "Anomalies", "Execution", "Healing", "Alerts"];

    [Fact]
    public void Every_folder_of_the_host_names_only_what_it_may() =>
        AssertNone(
            from file in tree.Product
            where file.Syntax is not null && file.Path.StartsWith("src/ControlPlane/", StringComparison.Ordinal)
            let folder = file.Path.Split('/')[2]
            from name in Named(file.Syntax!, "ControlPlane")
            where name != folder && Allowed.ContainsKey(name) | name == "Ui"
            where !Allowed.GetValueOrDefault(folder, []).Contains(name, StringComparer.Ordinal)
            select $"{file.Path} names {name}");

    [Fact]
    public void Every_folder_of_the_host_has_a_row_here() =>
        AssertNone(
            from path in Directory.EnumerateDirectories(Path.Combine(tree.Root, "src/ControlPlane"))
            let folder = Path.GetFileName(path)
            where folder is not ("obj" or "bin" or "wwwroot" or "Properties") && Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories).Any()
            where !Allowed.ContainsKey(folder)
            select $"src/ControlPlane/{folder}");

    [Fact]
    public void The_engine_never_looks_back_in_its_pipeline() =>
        AssertNone(
            from file in tree.Product
            where file.Syntax is not null && file.Path.StartsWith("src/ControlPlane/Engine/", StringComparison.Ordinal)
            let place = Array.IndexOf(EnginePipeline, file.Path.Split('/')[3])
            from name in Named(file.Syntax!, "ControlPlane.Engine")
            where place < 0 || Array.IndexOf(EnginePipeline, name) > place
            select $"{file.Path} names Engine.{name}");

    [Fact]
    public void The_ui_knows_the_contracts_and_nothing_else_of_the_product() =>
        AssertNone(
            from file in tree.Product
            where file.Syntax is not null && file.Path.StartsWith("src/Ui/", StringComparison.Ordinal)
            from name in Named(file.Syntax!, "ControlPlane")
            where name is not ("Ui" or "Contracts")
            select $"{file.Path} names {name}");

    /// <summary>First name after the prefix in each using directive and each name written out in full.</summary>
    private static IEnumerable<string> Named(CompilationUnitSyntax unit, string prefix) =>
        unit.DescendantNodes(node => node is not BaseNamespaceDeclarationSyntax { Name: null })
            .OfType<NameSyntax>()
            .Where(name => name.Parent is not QualifiedNameSyntax and not BaseNamespaceDeclarationSyntax)
            .Select(name => name.ToString())
            .Where(name => name.StartsWith(prefix + ".", StringComparison.Ordinal))
            .Select(name => name[(prefix.Length + 1)..].Split('.')[0])
            .Distinct(StringComparer.Ordinal);

    private static void AssertNone(IEnumerable<string> offenders)
    {
        var list = offenders.Distinct(StringComparer.Ordinal).ToArray();
        Assert.True(list.Length == 0, $"{list.Length} forbidden references:\n  {string.Join("\n  ", list)}");
    }
}
