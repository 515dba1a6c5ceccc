namespace ControlPlane.Kafka.Protocol;

/// <summary>One Kafka API with the versions we speak. <paramref name="FlexibleFrom"/> is short.MaxValue where no version is flexible.</summary>
public readonly record struct ApiDescriptor(ApiKey Key, short MinVersion, short MaxVersion, short FlexibleFrom)
{
    public bool IsFlexible(short version) => version >= FlexibleFrom;

    /// <summary>ApiVersions answers always carry the header without tagged fields, so that any client can read them (KIP-511).</summary>
    public bool HasFlexibleResponseHeader(short version) => Key != ApiKey.ApiVersions && IsFlexible(version);
}
