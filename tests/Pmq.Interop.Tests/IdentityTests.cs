using System.Text.Json;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Testing.Peers;

namespace Pmq.Interop.Tests;

/// <summary>Keys, peer ids and signatures of the four types, made on one side and read on the other.</summary>
public sealed class IdentityTests(IdentityTests.KeyMaker js) : IClassFixture<IdentityTests.KeyMaker>
{
    private static readonly byte[] Text = "the quick brown fox"u8.ToArray();

    [Theory]
    [InlineData("Ed25519")]
    [InlineData("secp256k1")]
    [InlineData("ECDSA")]
    [InlineData("RSA")]
    public async Task A_key_made_by_js_has_the_same_peer_id_here_in_both_text_forms(string type)
    {
        var made = await js.Peer.CallAsync("generateKey", new { type });

        Assert.True(PublicKey.TryDecode(Bytes(made, "publicKey"), out var key));
        var peer = PeerId.FromPublicKey(key);

        Assert.Equal(made.GetProperty("peerId").GetString(), peer.ToString());
        Assert.Equal(peer, PeerId.Parse(made.GetProperty("peerId").GetString()!));
        Assert.Equal(peer, PeerId.Parse(made.GetProperty("cid").GetString()!));
        Assert.Equal(Bytes(made, "multihash"), peer.Bytes.ToArray());
        Assert.Equal(Bytes(made, "publicKey"), key.Protobuf.ToArray());
    }

    [Theory]
    [InlineData("Ed25519")]
    [InlineData("secp256k1")]
    [InlineData("ECDSA")]
    [InlineData("RSA")]
    public async Task A_signature_made_by_js_verifies_here_and_no_other_text_does(string type)
    {
        var made = await js.Peer.CallAsync("generateKey", new { type });
        var signed = await js.Peer.CallAsync("sign", new { privateKey = made.GetProperty("privateKey").GetString(), data = Text });
        Assert.True(PublicKey.TryDecode(Bytes(made, "publicKey"), out var key));

        Assert.Equal(SignatureVerdict.Valid, key.Verify(Text, Bytes(signed, "signature")));
        Assert.Equal(SignatureVerdict.Invalid, key.Verify("another text"u8, Bytes(signed, "signature")));
    }

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ecdsa)]
    public async Task A_key_made_here_is_the_same_peer_to_js_and_its_signature_verifies_there(KeyType type)
    {
        using var key = PrivateKey.Generate(type, SystemEntropy.Instance);
        byte[] publicKey = key.PublicKey.Protobuf.ToArray();

        var peer = await js.Peer.CallAsync("describePublicKey", new { publicKey });
        var good = await js.Peer.CallAsync("verify", new { publicKey, data = Text, signature = key.Sign(Text) });
        var bad = await js.Peer.CallAsync("verify", new { publicKey, data = Text, signature = key.Sign("another text"u8) });

        Assert.Equal(PeerId.FromPublicKey(key.PublicKey).ToString(), peer.GetProperty("peerId").GetString());
        Assert.True(good.GetProperty("valid").GetBoolean());
        Assert.False(bad.GetProperty("valid").GetBoolean());
    }

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    public async Task A_private_key_passes_both_ways(KeyType type)
    {
        using var ours = PrivateKey.Generate(type, SystemEntropy.Instance);
        var read = await js.Peer.CallAsync("describeKey", new { privateKey = ours.ToProtobuf() });
        Assert.Equal(PeerId.FromPublicKey(ours.PublicKey).ToString(), read.GetProperty("peerId").GetString());

        var made = await js.Peer.CallAsync("generateKey", new { type = type == KeyType.Ed25519 ? "Ed25519" : "secp256k1" });
        Assert.True(PrivateKey.TryDecode(Bytes(made, "privateKey"), out var theirs));
        using (theirs)
        {
            Assert.Equal(made.GetProperty("peerId").GetString(), PeerId.FromPublicKey(theirs.PublicKey).ToString());
        }
    }

    private static byte[] Bytes(JsonElement answer, string name) => answer.GetProperty(name).GetBytesFromBase64();

    /// <summary>One js peer for all tests of the class.</summary>
    public sealed class KeyMaker : IAsyncLifetime
    {
        public JsPeer Peer { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Peer = await JsPeer.CreateAsync();

        public ValueTask DisposeAsync() => Peer.DisposeAsync();
    }
}
