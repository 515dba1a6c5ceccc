using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>API tokens.</summary>
internal static class TokenCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("tokens", "Tokens for the API", List(commands), Issue(commands), Revoke(commands));

    private static Command List(CommandSet commands) => commands.Define("list", "All tokens, never their secrets", async (run, cancellationToken) =>
    {
        var tokens = await run.Api.GetAsync<IReadOnlyList<TokenDto>>("tokens", cancellationToken);
        if (run.Printer.IsJson)
        {
            run.Printer.Json(tokens);
            return ExitCode.Ok;
        }

        run.Printer.Rows(tokens, "There is no token.",
            Column<TokenDto>.Left("id", row => row.Id.ToString()),
            Column<TokenDto>.Left("name", row => row.Name),
            Column<TokenDto>.Left("begins with", row => row.Prefix),
            Column<TokenDto>.Left("role", row => Roles.Word(row.Role)),
            Column<TokenDto>.Left("made by", row => row.CreatedBy),
            Column<TokenDto>.Left("last used", row => row.LastUsedAt is null ? "never" : Units.Time(row.LastUsedAt)),
            Column<TokenDto>.Left("expires", row => row.ExpiresAt is null ? "never" : Units.Time(row.ExpiresAt)),
            Column<TokenDto>.Left("revoked", row => row.RevokedAt is null ? "no" : new Cell(Units.Time(row.RevokedAt), "red")));
        return ExitCode.Ok;
    });

    private static Command Issue(CommandSet commands)
    {
        var name = new Argument<string>("name") { Description = "What it is for" };
        var role = Roles.Option();
        var days = new Option<int?>("--expires-in-days") { Description = "Not valid after so many days", HelpName = "N" };
        return commands.Define("create", "A new token; its secret is shown this once", async (run, cancellationToken) =>
        {
            var made = await run.Api.SendAsync<NewTokenDto>(HttpMethod.Post, "tokens", new CreateTokenRequest(run.Get(name), run.Get(role), run.Get(days)), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(made);
                return ExitCode.Ok;
            }

            run.Printer.Remark($"Token {made.Token.Name} ({Roles.Word(made.Token.Role)}); this is its secret, shown this once:");
            run.Printer.Line(made.Secret);
            return ExitCode.Ok;
        }, name, role, days);
    }

    private static Command Revoke(CommandSet commands)
    {
        var id = new Argument<string>("id") { Description = "Id of the token (kcp tokens list)" };
        var yes = Arguments.Yes();
        return commands.Define("revoke", "End a token at once", async (run, cancellationToken) =>
        {
            if (!Guid.TryParse(run.Get(id), out var token))
            {
                throw new CliException($"'{run.Get(id)}' is no id of a token", "an id such as kcp tokens list shows", "kcp tokens list");
            }

            run.Confirm(run.Get(yes), $"Revoke token {token}? Whoever uses it is locked out.");
            await run.Api.SendAsync(HttpMethod.Delete, Route.Of("tokens", token.ToString()), null, cancellationToken);
            run.Printer.Remark($"Token {token} is revoked.");
            return ExitCode.Ok;
        }, id, yes);
    }
}
