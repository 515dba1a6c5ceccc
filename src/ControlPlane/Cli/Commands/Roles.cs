using System.CommandLine;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Roles as people write them.</summary>
internal static class Roles
{
    private const string Description = "viewer, operator or admin";

    public static Option<Role> Option() => Choice.Of("--role", Description, "ROLE", Role.Viewer,
        (Word(Role.Viewer), Role.Viewer), (Word(Role.Operator), Role.Operator), (Word(Role.Admin), Role.Admin));

    public static Option<Role?> OptionalOption() => Choice.Of<Role?>("--role", Description, "ROLE", null,
        (Word(Role.Viewer), Role.Viewer), (Word(Role.Operator), Role.Operator), (Word(Role.Admin), Role.Admin));

    public static string Word(Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Operator => "operator",
        _ => "admin",
    };
}
