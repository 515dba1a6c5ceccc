using System.CommandLine;

namespace ControlPlane.Cli.Commands;

/// <summary>The options of every list.</summary>
internal sealed class Paging
{
    public Option<string?> Search { get; } = new("--search") { Description = "Only names that contain this", HelpName = "TEXT" };

    public Option<string?> Sort { get; } = new("--sort") { Description = "Field to sort by, -field for descending", HelpName = "FIELD" };

    public Option<int> Limit { get; } = Positive("--limit", 50, "Rows at most");

    public Option<int> Offset { get; } = NotNegative("--offset", 0, "Rows to leave out at the beginning");

    public static Option<int> Positive(string name, int value, string description) => AtLeast(name, 1, value, description);

    public static Option<int> NotNegative(string name, int value, string description) => AtLeast(name, 0, value, description);

    private static Option<int> AtLeast(string name, int least, int value, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var number) && number < least)
            {
                result.AddError($"{name} {number} is out of range: at least {least} is expected");
            }
        });
        return option;
    }
}

/// <summary>Arguments that several commands share.</summary>
internal static class Arguments
{
    public static Argument<string> Cluster() => new("cluster") { Description = "Id of the cluster (kcp clusters list)" };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask" };
}
