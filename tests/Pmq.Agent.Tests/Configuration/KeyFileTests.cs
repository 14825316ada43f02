#pragma warning disable CA1416 // The mode of a file is what is tested; Windows is not among the systems.
using Pmq.Agent.Configuration;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;

namespace Pmq.Agent.Tests.Configuration;

public sealed class KeyFileTests
{
    [Fact]
    public void A_key_that_is_written_is_read_back_and_readable_by_its_owner_alone()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "key");
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);

        KeyFile.Write(path, key, mayReplace: false);
        using PrivateKey read = KeyFile.Read(Setting(path));

        Assert.Equal(PeerId.FromPublicKey(key.PublicKey), PeerId.FromPublicKey(read.PublicKey));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.DoesNotContain('=', File.ReadAllText(path));
    }

    [Fact]
    public void A_key_file_is_replaced_only_when_asked()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("key", "mine");
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);

        var fault = Assert.Throws<ConfigurationException>(() => KeyFile.Write(path, key, mayReplace: false));
        Assert.Equal($"--out {path}: exists already; --force replaces it, and with it the identity", fault.Message);
        Assert.Equal("mine", File.ReadAllText(path));

        KeyFile.Write(path, key, mayReplace: true);
        Assert.Equal(KeyFile.Encode(key), File.ReadAllText(path).Trim());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_key_that_everyone_can_read_is_warned_about()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "key");
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        KeyFile.Write(path, key, mayReplace: false);
        AgentConfiguration configuration = Configurations.Load(null, null, ("--key", [path]));

        Assert.Empty(AgentOptions.From(configuration).Warnings);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal(
            [$"--key {path}: everyone on this machine can read it; its mode should be 0600"],
            AgentOptions.From(configuration).Warnings);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_named()
    {
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);

        var fault = Assert.Throws<ConfigurationException>(() => KeyFile.Write("/nowhere/key", key, mayReplace: false));

        Assert.Equal("--out /nowhere/key: cannot be written: no such directory", fault.Message);
    }

    [Fact]
    public void Padded_and_unpadded_keys_are_the_same()
    {
        using PrivateKey key = PrivateKey.Generate(KeyType.Ecdsa, SystemEntropy.Instance);
        string text = KeyFile.Encode(key);

        using PrivateKey? unpadded = KeyFile.Decode(text);
        using PrivateKey? padded = KeyFile.Decode(text + new string('=', (4 - (text.Length % 4)) % 4) + "\n");

        Assert.Equal(key.ToProtobuf(), unpadded!.ToProtobuf());
        Assert.Equal(key.ToProtobuf(), padded!.ToProtobuf());
    }

    [Fact]
    public void A_file_without_a_key_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("key", "not a key");

        Assert.Equal(
            $"--key {path}: holds no libp2p private key in base64; pmq keygen makes one",
            Assert.Throws<ConfigurationException>(() => KeyFile.Read(Setting(path))).Message);
        Assert.Equal(
            "--key /nowhere/key: cannot be read: no such file; pmq keygen makes a key file",
            Assert.Throws<ConfigurationException>(() => KeyFile.Read(Setting("/nowhere/key"))).Message);
    }

    private static SettingValue Setting(string path) =>
        new("keyFile", AgentSettings.KeyFile, path, new ValueOrigin(OriginKind.Flag, "--key"));
}
