using Microsoft.Extensions.Options;

namespace ControlPlane.Hosting;

/// <summary>Where this process keeps files, how others reach it, and what it registers at start.</summary>
internal sealed class HostingOptions
{
    public const string Section = "Hosting";

    /// <summary>Folder for files of this installation; checked at start to be writable. Empty: none is needed.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>Where to write {"url","token"} for the command line of the same user; empty: nowhere.</summary>
    public string TokenFile { get; set; } = "";

    /// <summary>URL by which other processes of the installation reach this one; empty: the first address it listens on.</summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>JSON list of clusters (as for POST /api/v1/clusters) that are registered where their id is not taken; empty: none.</summary>
    public string RegisterFile { get; set; } = "";
}

internal sealed class HostingOptionsValidator : IValidateOptions<HostingOptions>
{
    public ValidateOptionsResult Validate(string? name, HostingOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.AdvertisedAddress.Length > 0
            && !(Uri.TryCreate(options.AdvertisedAddress, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            result.AddError($"'{options.AdvertisedAddress}' is not an http or https URL. Expected for example http://10.0.0.5:8080", "Hosting:AdvertisedAddress");
        }

        if (options.RegisterFile.Length > 0 && !File.Exists(options.RegisterFile))
        {
            result.AddError($"'{options.RegisterFile}' does not exist. Expected a JSON list of clusters, or leave the setting out", "Hosting:RegisterFile");
        }

        CheckFolder(options.DataFolder, "Hosting:DataFolder", result);
        CheckFolder(Path.GetDirectoryName(options.TokenFile) ?? "", "Hosting:TokenFile", result);
        return result.Build();
    }

    private static void CheckFolder(string folder, string key, ValidateOptionsResultBuilder result)
    {
        if (folder.Length == 0)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".kcp-{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            result.AddError($"folder '{folder}' can't be written: {ex.Message} Expected a folder that this user may write; give it the rights or choose another", key);
        }
    }
}

/// <summary>The demo fleet.</summary>
internal sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>Registers the simulated clusters of the demo where their ids are not taken.</summary>
    public bool Enabled { get; set; }
}
