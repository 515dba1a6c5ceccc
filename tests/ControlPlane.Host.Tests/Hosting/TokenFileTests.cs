using System.Text.Json;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Hosting;

/// <summary>The file by which kcp gets in after ./run: it is a password, and one only of the last start.</summary>
public sealed class TokenFileTests(StorageServer server) : StorageTests(server)
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kcp-token-");

    private string TokenFile => Path.Combine(_folder.FullName, "token.json");

    [Fact]
    public async Task It_holds_address_and_a_token_that_works_and_only_its_user_may_read_it()
    {
        await StartAsync();

        var (url, secret) = Read();
        Assert.Equal("http://127.0.0.1:8480", url);
        var token = await Storage.Get<TokenStore>().AuthenticateAsync(secret, Token);
        Assert.Equal((Role.Admin, $"local command line on {Environment.MachineName}, {TokenFile}"), (token!.Role, token.Name));
        Assert.Equal([TokenFile], Directory.GetFiles(_folder.FullName)); // and nothing half-written beside it
        AssertPrivate();
    }

    [Fact]
    public async Task The_next_start_replaces_it_and_revokes_the_token_of_the_one_before()
    {
        await StartAsync();
        var (_, first) = Read();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(TokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        await StartAsync();

        var (_, second) = Read();
        var tokens = Storage.Get<TokenStore>();
        Assert.Null(await tokens.AuthenticateAsync(first, Token));
        Assert.NotNull(await tokens.AuthenticateAsync(second, Token));
        Assert.Single(await tokens.ListAsync(Token), token => token.RevokedAt is null);
        AssertPrivate(); // whatever the mode of the old one was
    }

    [Fact]
    public async Task Two_processes_with_a_file_each_leave_each_others_token_alone()
    {
        var beside = Path.Combine(_folder.FullName, "beside.json");
        await StartAsync();
        await StartAsync(beside);
        var tokens = Storage.Get<TokenStore>();
        var (first, second) = (Read().Secret, Read(beside).Secret);
        Assert.NotNull(await tokens.AuthenticateAsync(first, Token));
        Assert.NotNull(await tokens.AuthenticateAsync(second, Token));

        await StartAsync(beside);

        Assert.NotNull(await tokens.AuthenticateAsync(first, Token));
        Assert.Null(await tokens.AuthenticateAsync(second, Token));
        Assert.Equal(2, (await tokens.ListAsync(Token)).Count(token => token.RevokedAt is null));
    }

    [Fact]
    public async Task Without_the_setting_there_is_no_token()
    {
        await using var process = new StartingProcess(Storage, []);
        await process.RunAsync();

        Assert.Empty(await Storage.Get<TokenStore>().ListAsync(Token));
    }

    public override async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        await base.DisposeAsync();
    }

    private async Task StartAsync(string? file = null)
    {
        await using var process = new StartingProcess(Storage, new() { ["Hosting:TokenFile"] = file ?? TokenFile });
        await process.RunAsync();
    }

    private (string Url, string Secret) Read(string? file = null)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(file ?? TokenFile));
        Assert.Equal(["url", "token"], json.RootElement.EnumerateObject().Select(property => property.Name));
        return (json.RootElement.GetProperty("url").GetString()!, json.RootElement.GetProperty("token").GetString()!);
    }

    private void AssertPrivate()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TokenFile));
        }
    }
}
