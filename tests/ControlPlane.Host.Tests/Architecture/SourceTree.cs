using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Host.Tests.Architecture;

/// <summary>The C# and Razor sources of this checkout, parsed once.</summary>
public sealed class SourceTree
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    public SourceTree()
    {
        Root = FindRoot(AppContext.BaseDirectory);
        Files = [.. Enumerate(Root).Select(path => Read(Root, path)).OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    public string Root { get; }

    public IReadOnlyList<SourceFile> Files { get; }

    public IEnumerable<SourceFile> Product => Files.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    /// <summary>The parsed C# files of the product, without those that only list data.</summary>
    public IEnumerable<SourceFile> ProductCode => Product.Where(file => file.Syntax is not null && !file.IsTableLike);

    private static IEnumerable<string> Enumerate(string root) =>
        new[] { "src", "tests" }
            .SelectMany(top => Directory.EnumerateFiles(Path.Combine(root, top), "*", SearchOption.AllDirectories))
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static SourceFile Read(string root, string path)
    {
        var text = File.ReadAllText(path);
        var syntax = path.EndsWith(".cs", StringComparison.Ordinal)
            ? CSharpSyntaxTree.ParseText(text, Options).GetCompilationUnitRoot()
            : null;
        return new SourceFile(Path.GetRelativePath(root, path).Replace('\\', '/'), text.AsSpan().Count('\n'), syntax);
    }

    internal static string FindRoot(string folder)
    {
        var at = new DirectoryInfo(folder);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "ControlPlane.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException($"No ControlPlane.sln in or above {folder}: these tests read the checkout they were built from.");
    }
}

/// <summary>One source file; Syntax is null for Razor.</summary>
public sealed record SourceFile(string Path, int Lines, CompilationUnitSyntax? Syntax)
{
    /// <summary>Migrations are lists of statements that are never edited again.</summary>
    public bool IsTableLike => Path.Contains("/Migrations/", StringComparison.Ordinal);
}
