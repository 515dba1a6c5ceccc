using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using ControlPlane.Storage.Secrets;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Storage;

public sealed class SecretTests(StorageServer server) : StorageTests(server)
{
    private static readonly byte[] Plain = "hunter2"u8.ToArray();

    [Fact]
    public void What_is_sealed_opens_and_never_looks_the_same_twice()
    {
        var box = Storage.Get<SecretBox>();

        var (first, second) = (box.Seal("table", "id", Plain), box.Seal("table", "id", Plain));

        Assert.Equal(Plain, box.Open("table", "id", first));
        Assert.NotEqual(first, second);
        Assert.Throws<SecretUnreadableException>(() => box.Open("table", "other", first));
        Assert.Throws<SecretUnreadableException>(() => box.Open("other", "id", first));
        Assert.Throws<SecretUnreadableException>(() => box.Open("table", "id", []));
    }

    [Fact]
    public void Any_flipped_bit_is_noticed()
    {
        var box = Storage.Get<SecretBox>();
        var good = box.Seal("table", "id", Plain);
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = good.ToArray();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<SecretUnreadableException>(() => box.Open("table", "id", bad));
        }
    }

    [Fact]
    public async Task A_new_first_key_seals_and_the_old_one_still_opens()
    {
        await Storage.Get<DatabaseSetup>().RunAsync(Token);
        var old = Storage.Get<SecretBox>().Seal("table", "id", Plain);
        await using var rotated = new TestStorage(Storage.ConnectionString, masterKeyFile: Storage.NewMasterKey(Storage.MasterKeyFile));

        await rotated.Get<DatabaseSetup>().RunAsync(Token);

        var box = rotated.Get<SecretBox>();
        Assert.Equal(Plain, box.Open("table", "id", old));
        Assert.Throws<SecretUnreadableException>(() => Storage.Get<SecretBox>().Open("table", "id", box.Seal("table", "id", Plain)));
    }

    [Fact]
    public async Task A_start_with_a_new_first_key_seals_everything_anew_so_that_the_old_key_can_go()
    {
        await Storage.Get<DatabaseSetup>().RunAsync(Token);
        var (open, other) = (await Storage.AddClusterAsync("open", Token), new ClusterId("sealed"));
        var definition = new ClusterDefinition { Id = other, Name = "sealed", Kind = ClusterKind.Kafka, BootstrapServers = "b:9092" };
        await Storage.Get<ClusterStore>().AddAsync(definition, new ClusterSecrets(new Dictionary<string, string> { ["password"] = "hunter2" }), Token);
        Storage.Get<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
        var cookie = Storage.Get<IDataProtectionProvider>().CreateProtector("cookie").Protect("a session");
        var newKey = Storage.NewMasterKey();
        var both = Path.Combine(Path.GetDirectoryName(newKey)!, "both");
        File.WriteAllLines(both, [.. File.ReadAllLines(newKey), .. File.ReadAllLines(Storage.MasterKeyFile)]);

        await using (var rotated = new TestStorage(Storage.ConnectionString, masterKeyFile: both))
        {
            await rotated.Get<DatabaseSetup>().RunAsync(Token);
            Assert.Equal(0, await rotated.Get<SecretReseal>().RunAsync(Token)); // nothing is left, and a second start changes nothing
        }

        await using var after = new TestStorage(Storage.ConnectionString, masterKeyFile: newKey);
        await after.Get<DatabaseSetup>().RunAsync(Token);
        after.Get<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
        Assert.Equal("hunter2", (await after.Get<ClusterStore>().LoadSecretsAsync(other, Token)).Values["password"]);
        Assert.Empty((await after.Get<ClusterStore>().LoadSecretsAsync(open, Token)).Values);
        Assert.Equal("a session", after.Get<IDataProtectionProvider>().CreateProtector("cookie").Unprotect(cookie));
        Assert.Equal(1, (await after.Get<ClusterStore>().FindAsync(other, Token))!.Version); // so nobody connects anew
        await Assert.ThrowsAsync<SecretUnreadableException>(() => Storage.Get<ClusterStore>().LoadSecretsAsync(other, Token));
    }

    [Fact]
    public async Task A_secret_that_no_key_opens_stays_as_it_is_and_does_not_stop_the_start()
    {
        await Storage.Get<DatabaseSetup>().RunAsync(Token);
        var definition = new ClusterDefinition { Id = new ClusterId("lost"), Name = "lost", Kind = ClusterKind.Kafka, BootstrapServers = "b:9092" };
        await Storage.Get<ClusterStore>().AddAsync(definition, new ClusterSecrets(new Dictionary<string, string> { ["password"] = "hunter2" }), Token);
        await Storage.ExecuteAsync("UPDATE clusters SET secrets = set_byte(secrets, length(secrets) - 1, get_byte(secrets, length(secrets) - 1) # 1)", Token);
        var before = await Storage.ScalarAsync<string>("SELECT encode(secrets, 'hex') FROM clusters", Token);
        await using var rotated = new TestStorage(Storage.ConnectionString, masterKeyFile: Storage.NewMasterKey(Storage.MasterKeyFile));

        await rotated.Get<DatabaseSetup>().RunAsync(Token);

        Assert.Equal(before, await Storage.ScalarAsync<string>("SELECT encode(secrets, 'hex') FROM clusters", Token));
    }

    [Fact]
    public async Task Another_master_key_is_refused_at_start_with_both_keys_named()
    {
        await Storage.Get<DatabaseSetup>().RunAsync(Token);
        await using var other = new TestStorage(Storage.ConnectionString);

        var refused = await Assert.ThrowsAsync<StorageRefusedException>(() => other.Get<DatabaseSetup>().RunAsync(Token));

        Assert.Contains(other.MasterKeyFile, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Storage.Get<Lazy<MasterKeys>>().Value.Current.Id, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Restore that file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_without_the_key_file_stops_the_product_with_the_reason()
    {
        await using var storage = AnotherProcess(new() { ["Storage:MasterKeyFile"] = "/nowhere/master.key" });
        var startup = storage.Services.GetServices<IHostedService>().OfType<StorageStartup>().Single();
        var exitCode = Environment.ExitCode;

        await startup.StartAsync(Token);
        var refused = await Assert.ThrowsAsync<StorageRefusedException>(() => storage.Get<StorageState>().WaitUntilReadyAsync(Token));
        await startup.ExecuteTask!;

        Assert.Contains("/nowhere/master.key does not exist", refused.Message, StringComparison.Ordinal);
        Assert.True(storage.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        Assert.Equal(StoragePhase.Refused, storage.Get<StorageState>().Status.Phase);
        Environment.ExitCode = exitCode;
    }

    [Theory]
    [InlineData("", "holds no key")]
    [InlineData("# only a remark", "holds no key")]
    [InlineData("not base64!", "Line 1 ")]
    [InlineData("# remark\nAAAA", "Line 2 ")]
    public void A_damaged_key_file_says_what_is_expected(string content, string expected)
    {
        var file = Storage.NewMasterKey();
        File.WriteAllText(file, content);

        var refused = Assert.Throws<StorageRefusedException>(() => MasterKeys.Load(file));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("head -c 32 /dev/urandom | base64", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_of_one_process_is_understood_by_another_and_its_key_is_sealed()
    {
        await using var stranger = new TestStorage(Storage.ConnectionString);
        await using var other = AnotherProcess();
        foreach (var process in new[] { Storage, other, stranger })
        {
            process.Get<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
        }

        var cookie = Storage.Get<IDataProtectionProvider>().CreateProtector("cookies").Protect("eve");

        Assert.Equal("eve", other.Get<IDataProtectionProvider>().CreateProtector("cookies").Unprotect(cookie));

        var xml = await Storage.ScalarAsync<string>("SELECT xml FROM data_protection_keys", Token);
        Assert.Contains("sealedKey", xml, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", xml, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => stranger.Get<IDataProtectionProvider>().CreateProtector("cookies").Unprotect(cookie));
    }

    [Fact]
    public void All_bad_options_are_named_at_once()
    {
        var bad = new StorageOptions
        {
            ConnectionString = "Host=x;Nonsense=1;Password=hunter2",
            MasterKeyFile = " ",
            Lease = TimeSpan.Zero,
            CommandTimeout = TimeSpan.Zero,
            RetryInterval = TimeSpan.Zero,
            RollupInterval = TimeSpan.Zero,
            FineRetention = TimeSpan.Zero,
            MinuteRetention = TimeSpan.FromSeconds(-1),
            HourRetention = TimeSpan.FromSeconds(-2),
            AuditRetention = TimeSpan.Zero,
            EventRetention = TimeSpan.Zero,
        };

        var failures = new StorageOptionsValidator().Validate(null, bad).Failures!.ToArray();

        Assert.Equal(11, failures.Length);
        Assert.All(failures, failure => Assert.Contains("Storage:", failure, StringComparison.Ordinal));
        Assert.All(failures, failure => Assert.DoesNotContain("hunter2", failure, StringComparison.Ordinal));
        Assert.True(new StorageOptionsValidator().Validate(null, Storage.Get<IOptions<StorageOptions>>().Value).Succeeded);
    }
}
