namespace ControlPlane.Kafka.Protocol;

/// <summary>The bit field of operations a principal may perform (KIP-430): bit n is set for the ACL operation of code n.</summary>
public static class AuthorizedOperations
{
    /// <summary>The broker was not asked, or does not say.</summary>
    public const int Unknown = int.MinValue;
}
