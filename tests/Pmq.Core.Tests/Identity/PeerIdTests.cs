using Pmq.Core.Identity;
using Pmq.Testing;

namespace Pmq.Core.Tests.Identity;

public sealed class PeerIdTests
{
    private const string Ed25519 = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string Ed25519Cid = "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6";
    private const string Hashed = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

    [Theory]
    [InlineData(Ed25519)]
    [InlineData(Hashed)]
    [InlineData("16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY")]
    public void Base58_text_comes_back(string text)
    {
        PeerId peer = PeerId.Parse(text);
        Assert.Equal(text, peer.ToString());
        Assert.True(PeerId.TryFromBytes(peer.Bytes, out PeerId? decoded));
        Assert.Equal(peer, decoded);
        Assert.True(peer == decoded);
        Assert.False(peer != decoded);
        Assert.Equal(peer.GetHashCode(), decoded.GetHashCode());
        Assert.True(PeerId.TryParse(peer.ToCid(), out PeerId? ofCid));
        Assert.Equal(peer, ofCid);
    }

    [Theory]
    [InlineData(Ed25519Cid, Ed25519)]
    [InlineData("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe", Hashed)]
    [InlineData("zAKo1jxkBkgAGg7Nx2Zy4", null)]
    public void CID_text_names_the_same_peer(string cid, string? expected)
    {
        Assert.Equal(expected is not null, PeerId.TryParse(cid, out PeerId? peer));
        Assert.Equal(expected, peer?.ToString());
        Assert.True(peer is null || peer.ToCid() == cid);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("Qm")]
    [InlineData("12D3KooW")]
    [InlineData("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p0")]
    [InlineData("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pqq")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5")]
    [InlineData("bafybeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe")]
    [InlineData("not a peer")]
    [InlineData("bafz\u2603")]
    public void Text_that_is_no_peer_id_is_refused(string? text)
    {
        Assert.False(PeerId.TryParse(text, out PeerId? peer));
        Assert.Null(peer);
    }

    [Fact]
    public void Parsing_names_the_text_that_is_none() =>
        Assert.Contains("\"me\" is no peer id", Assert.Throws<FormatException>(() => PeerId.Parse("me")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0000")]
    [InlineData("12")]
    [InlineData("1221")]
    [InlineData("1220aa")]
    [InlineData("121faaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("1120aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("002baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Bytes_that_are_no_peer_id_are_refused(string hex) =>
        Assert.False(PeerId.TryFromBytes(Convert.FromHexString(hex), out _));

    [Fact]
    public void A_short_key_is_inlined_and_comes_back()
    {
        using PrivateKey key = PrivateKey.Generate(KeyType.Ed25519, new SeededEntropy(1));
        PeerId peer = PeerId.FromPublicKey(key.PublicKey);
        Assert.True(PeerId.TryFromBytes(peer.Bytes, out PeerId? received));
        Assert.Equal(key.PublicKey, received.InlinedPublicKey);
        Assert.Same(received.InlinedPublicKey, received.InlinedPublicKey);
        Assert.Equal(38, peer.Bytes.Length);
    }

    [Fact]
    public void A_hashed_or_broken_key_is_not_inlined()
    {
        Assert.Null(PeerId.Parse(Hashed).InlinedPublicKey);
        Assert.True(PeerId.TryFromBytes([0x00, 0x02, 0x08, 0x01], out PeerId? peer));
        Assert.Null(peer.InlinedPublicKey);
        using PrivateKey key = PrivateKey.Generate(KeyType.Ecdsa, new SeededEntropy(1));
        Assert.Null(PeerId.FromPublicKey(key.PublicKey).InlinedPublicKey);
        Assert.Equal(34, PeerId.FromPublicKey(key.PublicKey).Bytes.Length);
    }

    [Fact]
    public void Peers_are_ordered_by_their_bytes()
    {
        PeerId one = PeerId.Parse(Ed25519), two = PeerId.Parse(Hashed);
        Assert.True(one.CompareTo(two) < 0);
        Assert.True(two.CompareTo(one) > 0);
        Assert.Equal(0, one.CompareTo(PeerId.Parse(Ed25519)));
        Assert.True(one.CompareTo(null) > 0);
        Assert.False(one.Equals(two));
        Assert.False(one == null);
    }

    [Fact]
    public void Any_bytes_are_a_peer_id_or_refused() =>
        ParserFuzz.Run(
            input =>
            {
                if (PeerId.TryFromBytes(input, out PeerId? peer))
                {
                    _ = peer.InlinedPublicKey;
                    _ = peer.ToString();
                }
            },
            [PeerId.Parse(Ed25519).Bytes.ToArray(), PeerId.Parse(Hashed).Bytes.ToArray()],
            maxLength: 64);

    [Fact]
    public void Any_text_is_a_peer_id_or_refused() =>
        ParserFuzz.RunText(
            text =>
            {
                if (PeerId.TryParse(text, out PeerId? peer) && !PeerId.TryParse(peer.ToString(), out _))
                {
                    throw new InvalidOperationException("Its own text is refused.");
                }
            },
            [Ed25519, Ed25519Cid, Hashed],
            maxLength: 128);
}
