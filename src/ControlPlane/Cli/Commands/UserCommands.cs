using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>People who may log in.</summary>
internal static class UserCommands
{
    public static Command Create(CommandSet commands) =>
        CommandSet.Group("users", "Who may log in", List(commands), Add(commands), Edit(commands), Remove(commands), ResetPassword(commands));

    private static Argument<string> Name() => new("name") { Description = "Name of the user" };

    private static Command List(CommandSet commands) => commands.Define("list", "All users", async (run, cancellationToken) =>
    {
        var users = await FetchAsync(run, cancellationToken);
        if (run.Printer.IsJson)
        {
            run.Printer.Json(users);
            return ExitCode.Ok;
        }

        run.Printer.Rows(users, "There is no user.",
            Column<UserDto>.Left("user", row => row.Name),
            Column<UserDto>.Left("role", row => Roles.Word(row.Role)),
            Column<UserDto>.Left("may log in", row => !row.IsDisabled),
            Column<UserDto>.Left("must change password", row => row.MustChangePassword),
            Column<UserDto>.Left("last log-in", row => row.LastLogin is null ? "never" : Units.Time(row.LastLogin)));
        return ExitCode.Ok;
    });

    private static Command Add(CommandSet commands)
    {
        var (name, role) = (Name(), Roles.Option());
        return commands.Define("create", "A new user with a one-time password, shown this once", async (run, cancellationToken) =>
        {
            var made = await run.Api.SendAsync<OneTimePasswordDto>(HttpMethod.Post, "users", new CreateUserRequest(run.Get(name), run.Get(role)), cancellationToken);
            return PrintPassword(run, made);
        }, name, role);
    }

    private static Command Edit(CommandSet commands)
    {
        var name = Name();
        var role = Roles.OptionalOption();
        var disabled = new Option<bool?>("--disabled") { Description = "true: may not log in; false: may again", HelpName = "true|false" };
        return commands.Define("edit", "Change a user's role, or lock the user out", async (run, cancellationToken) =>
        {
            if (run.Get(role) is null && run.Get(disabled) is null)
            {
                throw new CliException("Nothing to change", "--role, --disabled, or both", "kcp users edit --help");
            }

            var users = await FetchAsync(run, cancellationToken);
            var now = users.FirstOrDefault(user => user.Name == run.Get(name))
                ?? throw new CliException($"There is no user {run.Get(name)}", "one of: " + string.Join(", ", users.Select(user => user.Name)), "kcp users list");
            var request = new UpdateUserRequest(run.Get(role) ?? now.Role, run.Get(disabled) ?? now.IsDisabled);
            await run.Api.SendAsync(HttpMethod.Put, Route.Of("users", now.Name), request, cancellationToken);
            run.Printer.Remark($"User {now.Name}: {Roles.Word(request.Role)}, {(request.IsDisabled ? "may not log in" : "may log in")}.");
            return ExitCode.Ok;
        }, name, role, disabled);
    }

    private static Command Remove(CommandSet commands)
    {
        var (name, yes) = (Name(), Arguments.Yes());
        return commands.Define("remove", "Remove a user; the audit trail keeps the name", async (run, cancellationToken) =>
        {
            run.Confirm(run.Get(yes), $"Remove user {run.Get(name)}?");
            await run.Api.SendAsync(HttpMethod.Delete, Route.Of("users", run.Get(name)), null, cancellationToken);
            run.Printer.Remark($"User {run.Get(name)} is removed.");
            return ExitCode.Ok;
        }, name, yes);
    }

    private static Command ResetPassword(CommandSet commands)
    {
        var name = Name();
        return commands.Define("reset-password", "A new one-time password, shown this once", async (run, cancellationToken) =>
            PrintPassword(run, await run.Api.SendAsync<OneTimePasswordDto>(HttpMethod.Post, Route.Of("users", run.Get(name), "password"), null, cancellationToken)), name);
    }

    private static Task<IReadOnlyList<UserDto>> FetchAsync(Invocation run, CancellationToken cancellationToken) =>
        run.Api.GetAsync<IReadOnlyList<UserDto>>("users", cancellationToken);

    private static ExitCode PrintPassword(Invocation run, OneTimePasswordDto made)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(made);
            return ExitCode.Ok;
        }

        run.Printer.Remark($"User {made.User.Name} ({Roles.Word(made.User.Role)}); the one-time password, shown this once:");
        run.Printer.Line(made.OneTimePassword);
        return ExitCode.Ok;
    }
}
