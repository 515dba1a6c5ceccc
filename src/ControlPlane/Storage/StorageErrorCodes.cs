namespace ControlPlane.Storage;

/// <summary>SQLSTATEs that the schema's own triggers raise.</summary>
internal static class StorageErrorCodes
{
    public const string UnsafeOwnership = "KC001";

    public const string AuditIsAppendOnly = "KC002";

    public const string StaleEpoch = "KC003";
}
