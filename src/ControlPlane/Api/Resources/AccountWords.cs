using ControlPlane.Contracts;
using ControlPlane.Storage;
using ContractRole = ControlPlane.Contracts.Role;
using StoredRole = ControlPlane.Storage.Role;

namespace ControlPlane.Api.Resources;

/// <summary>Between the contract's words for users and tokens and the stored ones.</summary>
internal static class AccountWords
{
    public static UserDto ToDto(StoredUser user) => new(user.Name, ToContract(user.Role), user.MustChangePassword, user.Disabled, user.CreatedAt, user.LastLogin);

    public static TokenDto ToDto(StoredToken token) => new(
        token.Id, token.Name, token.Prefix, ToContract(token.Role), token.CreatedBy, token.CreatedAt, token.ExpiresAt, token.LastUsedAt, token.RevokedAt);

    public static ContractRole ToContract(StoredRole role) => role switch
    {
        StoredRole.Viewer => ContractRole.Viewer,
        StoredRole.Operator => ContractRole.Operator,
        StoredRole.Admin => ContractRole.Admin,
        _ => throw new InvalidOperationException($"Unhandled role {role}"),
    };

    /// <summary>Null for a number that is no role.</summary>
    public static StoredRole? ToStored(ContractRole role) => role switch
    {
        ContractRole.Viewer => StoredRole.Viewer,
        ContractRole.Operator => StoredRole.Operator,
        ContractRole.Admin => StoredRole.Admin,
        _ => null,
    };
}
