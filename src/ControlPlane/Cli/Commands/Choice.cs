using System.CommandLine;

namespace ControlPlane.Cli.Commands;

/// <summary>An option that takes one of a few words.</summary>
internal static class Choice
{
    public static Option<T> Of<T>(string name, string description, string helpName, T usual, params (string Word, T Value)[] words)
    {
        var names = new string[words.Length];
        for (var place = 0; place < names.Length; place++)
        {
            names[place] = words[place].Word;
        }

        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => usual,
            CustomParser = result =>
            {
                var said = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                var match = Array.FindIndex(words, entry => entry.Word.Equals(said, StringComparison.OrdinalIgnoreCase));
                if (match >= 0)
                {
                    return words[match].Value;
                }

                result.AddError($"{name} '{said}' is unknown: one of {string.Join(", ", names)} is expected");
                return usual;
            },
        };
        option.CompletionSources.Add(names);
        return option;
    }
}
