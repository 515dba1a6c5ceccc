using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ControlPlane.Host.Tests.Architecture;

/// <summary>The sizes of the house style: files, methods, constructors, pages.</summary>
public sealed class SizeTests(SourceTree tree) : IClassFixture<SourceTree>
{
    private const int FileWall = 600;
    private const int MethodWall = 60;
    private const int ConstructorWall = 6;
    private const int PageWall = 150;

    [Fact]
    public void No_file_is_longer_than_the_wall() =>
        AssertNone(
            tree.Files.Where(file => !file.IsTableLike && file.Lines > FileWall).Select(file => $"{file.Path}: {file.Lines} lines"),
            $"files over {FileWall} lines; move a concept out");

    [Fact]
    public void Files_of_the_product_stay_small_in_the_median_and_in_the_tail()
    {
        var lines = tree.ProductCode.Select(file => file.Lines).Order().ToArray();
        var (median, tail) = (lines[lines.Length / 2], lines[lines.Length * 95 / 100]);

        Assert.True(median <= 80 && tail <= 250, $"median {median} (at most 80), 95th percentile {tail} (at most 250) of {lines.Length} files");
    }

    [Fact]
    public void No_method_of_the_product_is_longer_than_the_wall() =>
        AssertNone(
            from file in tree.ProductCode
            from method in file.Syntax!.DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
            let length = LengthOf(method)
            where length > MethodWall
            select $"{file.Path}: {NameOf(method)} has {length} lines",
            $"methods over {MethodWall} lines");

    [Fact]
    public void No_constructor_of_the_product_takes_more_than_six_things()
    {
        var primary =
            from file in tree.ProductCode
            from type in file.Syntax!.DescendantNodes().OfType<ClassDeclarationSyntax>()
            where type.ParameterList is { } list && list.Parameters.Count > ConstructorWall
            select $"{file.Path}: {type.Identifier} takes {type.ParameterList!.Parameters.Count}";
        var declared =
            from file in tree.ProductCode
            from constructor in file.Syntax!.DescendantNodes().OfType<ConstructorDeclarationSyntax>()
            where constructor.ParameterList.Parameters.Count > ConstructorWall && constructor.Parent is ClassDeclarationSyntax
            select $"{file.Path}: {constructor.Identifier} takes {constructor.ParameterList.Parameters.Count}";

        AssertNone(primary.Concat(declared), $"constructors with more than {ConstructorWall} parameters (records are data and don't count)");
    }

    [Fact]
    public void No_page_is_longer_than_its_wall() =>
        AssertNone(
            tree.Product
                .Where(file => file.Path.StartsWith("src/Ui/Pages/", StringComparison.Ordinal))
                .Where(file => file.Lines > PageWall)
                .Select(file => $"{file.Path}: {file.Lines} lines"),
            $"markup or code-behind over {PageWall} lines");

    private static int LengthOf(BaseMethodDeclarationSyntax method)
    {
        var nameLine = method switch
        {
            MethodDeclarationSyntax named => named.Identifier.GetLocation(),
            ConstructorDeclarationSyntax constructor => constructor.Identifier.GetLocation(),
            _ => method.GetLocation(),
        };
        return method.GetLocation().GetLineSpan().EndLinePosition.Line - nameLine.GetLineSpan().StartLinePosition.Line + 1;
    }

    private static string NameOf(BaseMethodDeclarationSyntax method) => method switch
    {
        MethodDeclarationSyntax named => named.Identifier.Text,
        ConstructorDeclarationSyntax constructor => $"constructor of {constructor.Identifier.Text}",
        _ => method.Kind().ToString(),
    };

    private static void AssertNone(IEnumerable<string> offenders, string what)
    {
        var list = offenders.ToArray();
        Assert.True(list.Length == 0, $"{list.Length} {what}:\n  {string.Join("\n  ", list)}");
    }
}
