using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Host.Tests.Architecture;

/// <summary>Rules of the house that no analyzer knows.</summary>
public sealed class HouseRuleTests(SourceTree tree) : IClassFixture<SourceTree>
{
    private static readonly string[] EmptyWords = ["Shared", "Common", "Utils", "Helpers", "Manager", "Core"];

    [Fact]
    public void Namespaces_follow_the_folders() =>
        AssertNone(
            from file in tree.Product
            where file.Syntax is not null
            from space in file.Syntax!.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
            let expected = ExpectedNamespace(file.Path)
            where space.Name.ToString() != expected
            select $"{file.Path}: {space.Name}, expected {expected}",
            "namespaces that don't follow their folder");

    [Fact]
    public void No_namespace_or_type_hides_behind_an_empty_word() =>
        AssertNone(
            from file in tree.Product
            where file.Syntax is not null
            from word in file.Path.Split('/').SkipLast(1).Concat(file.Syntax!.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(type => type.Identifier.Text))
            where EmptyWords.Contains(word, StringComparer.Ordinal) || word.EndsWith("Manager", StringComparison.Ordinal) || word.EndsWith("Helper", StringComparison.Ordinal)
            select $"{file.Path}: {word}",
            "names that say nothing");

    [Fact]
    public void Every_public_type_of_the_product_says_in_one_line_what_it_is() =>
        AssertNone(
            from file in tree.ProductCode
            where !file.Path.StartsWith("src/Ui/", StringComparison.Ordinal)
            from type in file.Syntax!.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
            where type.Modifiers.Any(SyntaxKind.PublicKeyword) && type.Parent is BaseNamespaceDeclarationSyntax
            where !type.Modifiers.Any(SyntaxKind.PartialKeyword) // documented at one of its parts
            where !type.GetLeadingTrivia().Any(trivia => trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia))
            select $"{file.Path}: {type.Identifier}",
            "public types without a summary");

    [Fact]
    public void Nobody_uses_regions() =>
        AssertNone(
            from file in tree.Files
            where file.Syntax is not null && file.Syntax.DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))
            select file.Path,
            "files with regions");

    [Fact]
    public void The_engine_does_no_input_or_output_and_reads_no_clock() =>
        AssertNone(
            from file in tree.Product
            where file.Syntax is not null && file.Path.StartsWith("src/ControlPlane/Engine/", StringComparison.Ordinal)
            from identifier in file.Syntax!.DescendantNodes().OfType<IdentifierNameSyntax>()
            where identifier.Identifier.Text is "TimeProvider" or "Stopwatch" or "Socket" or "HttpClient" or "File" or "ILogger" or "Environment"
            select $"{file.Path}: {identifier.Identifier.Text}",
            "places where the engine touches the world");

    [Fact]
    public void Every_regular_expression_gives_up_in_time() =>
        AssertNone(
            from file in tree.Product
            where file.Syntax is not null
            from made in file.Syntax!.DescendantNodes().OfType<ObjectCreationExpressionSyntax>()
            where made.Type.ToString() == "Regex" && made.ArgumentList?.Arguments.Count != 3 // pattern, options, timeout
            select $"{file.Path}: {made}",
            "expressions that may run for ever");

    private static string ExpectedNamespace(string path)
    {
        var folders = path.Split('/')[1..^1];
        return string.Join('.', folders[0] == "ControlPlane" ? folders : ["ControlPlane", .. folders]);
    }

    private static void AssertNone(IEnumerable<string> offenders, string what)
    {
        var list = offenders.Distinct(StringComparer.Ordinal).ToArray();
        Assert.True(list.Length == 0, $"{list.Length} {what}:\n  {string.Join("\n  ", list)}");
    }
}
