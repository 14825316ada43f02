using System.Net;
using Pmq.Core.Addresses;
using Pmq.Core.Identity;
using Pmq.Testing;

namespace Pmq.Core.Tests.Addresses;

public sealed class MultiaddrTests
{
    private const string Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    // Text and the bytes that js-libp2p (@multiformats/multiaddr) makes of it; unix and memory as go and rust have
    // them.
    private static readonly (string Text, string Hex)[] Golden =
    [
        ("/ip4/127.0.0.1/tcp/4001", "047f000001060fa1"),
        ("/ip6/2001:db8::1/udp/4001/quic-v1", "2920010db800000000000000000000000191020fa1cd03"),
        ("/ip6zone/eth0/ip6/fe80::1/tcp/80", "2a046574683029fe800000000000000000000000000001060050"),
        ("/dns4/example.org/tcp/443/wss", "360b6578616d706c652e6f72670601bbde03"),
        ("/dns/example.org/tcp/443/tls/sni/example.org/ws", "350b6578616d706c652e6f72670601bbc003c1030b6578616d706c652e6f7267dd03"),
        ("/dnsaddr/bootstrap.libp2p.io", "3813626f6f7473747261702e6c69627032702e696f"),
        ("/unix/tmp/a.sock", "90030b2f746d702f612e736f636b"),
        ("/memory/1234", "890600000000000004d2"),
        ("/ip4/1.2.3.4/udp/9/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ/certhash/uEiAfbgiymPP2_nX7Dgir8B4QkksjHp2lVuJZz0F79Be9JA", "040102030491020009cd03d103d203221220241f96b80cf18a52e3818d8c340a0c23bdc24224c0f62bfd5a96e291feda5ebdd2032212201f6e08b298f3f6fe75fb0e08abf01e10924b231e9da556e259cf417bf417bd24"),
        ("/ip4/1.2.3.4/tcp/80/http", "0401020304060050e003"),
        ("/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ", "0401020304910200019802d203221220241f96b80cf18a52e3818d8c340a0c23bdc24224c0f62bfd5a96e291feda5ebd"),
        ("/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234", "bd03adadec040be047f9658668b11a504f3155001f231a37f54c4476c07fb4cc139ed7e30304d2"),
        ("/ip4/1.2.3.4/tcp/4001/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N/p2p-circuit/p2p/" + Peer, "0401020304060fa1a5032212209dff3b17d74cf4d38a50d8b6383e92d181a10395a5e73a726dcccbd21bf6f0b9a202a503260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"),
        ("/ip4/1.2.3.4/udp/4001/quic", "040102030491020fa1cc03"),
        ("/ip4/1.2.3.4/tcp/4001/noise", "0401020304060fa1c603"),
    ];

    public static TheoryData<string> Refused =>
    [
        "", "/", "//", "ip4/127.0.0.1", "/ip4", "/ip4/", "/ip4/256.0.0.1", "/ip4/1", "/ip4/0x7f.1", "/ip4/127.1", "/ip4/01.2.3.4",
        "/ip4/::1", "/ip6/127.0.0.1", "/ip6/[::1]", "/ip6/::1%eth0", "/ip6/::g", "/ip4/127.0.0.1/tcp", "/ip4/127.0.0.1/tcp/65536",
        "/ip4/127.0.0.1/tcp/-1", "/ip4/127.0.0.1/tcp/ 1", "/tcp/4001x", "/foo/bar", "/ip4/127.0.0.1/tcp/4001/foo", "/dns4/",
        "/dns4/exa mple", "/dns4/ex\u0007ample", "/dns4/exämple", "/p2p/12D3", "/p2p/0OIl", "/certhash/u", "/certhash/xyz", "/unix", "/unix/",
        "/onion3/abc:1", "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:0", "/memory/x", "/memory/18446744073709551616",
        "/ip4/127.0.0.1//tcp/1",
    ];

    [Fact]
    public void Text_and_bytes_are_those_of_the_other_implementations()
    {
        foreach ((string text, string hex) in Golden)
        {
            Assert.True(Multiaddr.TryParse(text, out Multiaddr? parsed, out string? error), error);
            Assert.Equal(hex, Convert.ToHexStringLower(parsed.Bytes));
            Assert.True(Multiaddr.TryDecode(Convert.FromHexString(hex), out Multiaddr? decoded), text);
            Assert.Equal(text, decoded.ToString());
            Assert.Equal(parsed, decoded);
            Assert.True(parsed == decoded);
            Assert.Equal(parsed.GetHashCode(), decoded.GetHashCode());
        }
    }

    [Fact]
    public void The_old_name_of_p2p_is_read_and_the_new_one_written() =>
        Assert.Equal($"/ip4/1.2.3.4/tcp/1/p2p/{Peer}", Multiaddr.Parse($"/ip4/1.2.3.4/tcp/1/ipfs/{Peer}/").ToString());

    [Theory]
    [MemberData(nameof(Refused))]
    public void Text_that_is_no_address_is_refused_with_a_reason(string text)
    {
        Assert.False(Multiaddr.TryParse(text, out Multiaddr? address, out string? error));
        Assert.Null(address);
        Assert.NotEmpty(error);
        Assert.Throws<FormatException>(() => Multiaddr.Parse(text));
    }

    [Fact]
    public void The_reason_names_the_part()
    {
        Assert.Contains("\"/foo\" is no multiaddr: \"foo\" is no protocol known here.", Message("/foo"), StringComparison.Ordinal);
        Assert.Contains("\"65536\" is no value of /tcp", Message("/ip4/1.2.3.4/tcp/65536"), StringComparison.Ordinal);
        Assert.Contains("/tcp lacks its value", Message("/ip4/1.2.3.4/tcp"), StringComparison.Ordinal);

        static string Message(string text) => Assert.Throws<FormatException>(() => Multiaddr.Parse(text)).Message;
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("ff", "a code cut off")]
    [InlineData("8400", "a code that is not minimal")]
    [InlineData("04", "no value")]
    [InlineData("047f0000", "a value cut off")]
    [InlineData("02", "an unknown code")]
    [InlineData("047f000001060fa1ffff7f", "an unknown code at the end")]
    [InlineData("3500", "an empty name")]
    [InlineData("35ff", "a length cut off")]
    [InlineData("35ffffffff7f61", "a length beyond the end")]
    [InlineData("3503612f62", "a slash in a name")]
    [InlineData("3503610a62", "a line break in a name")]
    [InlineData("3503611b5b", "an escape in a name")]
    [InlineData("350280ff", "a name beyond ASCII")]
    [InlineData("a5030200ff", "a peer id that is none")]
    [InlineData("90030161", "a path without a slash")]
    [InlineData("9003022f61047f000001", "a part behind a path")]
    [InlineData("9003032f61ff", "a path that is not UTF-8")]
    [InlineData("bd03adadec040be047f9658668b11a504f3155001f231a37f54c4476c07fb4cc139ed7e3030000", "an onion service without a port")]
    public void Bytes_that_are_no_address_are_refused(string hex, string why) =>
        Assert.False(Multiaddr.TryDecode(Convert.FromHexString(hex), out _), why);

    [Fact]
    public void The_number_of_parts_is_bounded()
    {
        string longest = string.Concat(Enumerable.Repeat("/tcp/1", Multiaddr.MaxComponents));
        Assert.True(Multiaddr.TryParse(longest, out Multiaddr? address, out _));
        Assert.True(Multiaddr.TryDecode(address.Bytes, out _));
        Assert.False(Multiaddr.TryParse(longest + "/tcp/1", out _, out string? error));
        Assert.Equal("more than 16 parts", error);
        Assert.False(Multiaddr.TryDecode([.. address.Bytes, 0x06, 0x00, 0x01], out _));
    }

    [Fact]
    public void The_length_is_bounded()
    {
        string name = new('a', 253);
        Assert.True(Multiaddr.TryParse($"/dns/{name}/dns/{name}/dns/{name}", out Multiaddr? address, out _));
        Assert.False(Multiaddr.TryParse($"/dns/{name}/dns/{name}/dns/{name}/dns/{name}/dns/{name}", out _, out string? error));
        Assert.Equal("longer than 1024 bytes", error);
        Assert.False(Multiaddr.TryDecode([.. address.Bytes, .. address.Bytes], out _));
        Assert.False(Multiaddr.TryParse($"/dns/{name}a", out _, out _));
        Assert.False(Multiaddr.TryParse("/" + new string('a', 1_000_000), out _, out _));
    }

    [Theory]
    [InlineData("127.0.0.1:4001", "/ip4/127.0.0.1/tcp/4001")]
    [InlineData("[::1]:4001", "/ip6/::1/tcp/4001")]
    [InlineData("[::ffff:1.2.3.4]:1", "/ip4/1.2.3.4/tcp/1")]
    [InlineData("[fe80::1%3]:80", "/ip6zone/3/ip6/fe80::1/tcp/80")]
    public void Endpoints_become_addresses(string endPoint, string expected)
    {
        Multiaddr address = Multiaddr.FromEndPoint(IPEndPoint.Parse(endPoint));
        Assert.Equal(expected, address.ToString());
        Assert.True(address.TryGetEndPoint(out IPEndPoint? back));
        Assert.Equal(address, Multiaddr.FromEndPoint(back));
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/4001", "127.0.0.1:4001")]
    [InlineData("/ip4/127.0.0.1/tcp/4001/p2p/" + Peer, "127.0.0.1:4001")]
    [InlineData("/ip6zone/3/ip6/fe80::1/tcp/80", "[fe80::1%3]:80")]
    [InlineData("/ip4/127.0.0.1/tcp/4001/ws", null)]
    [InlineData("/ip4/127.0.0.1/tcp/4001/p2p/" + Peer + "/p2p-circuit", null)]
    [InlineData("/ip4/127.0.0.1/udp/4001", null)]
    [InlineData("/ip4/127.0.0.1", null)]
    [InlineData("/tcp/4001", null)]
    [InlineData("/dns4/localhost/tcp/4001", null)]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/80", null)]
    [InlineData("/ip6zone/3/ip4/1.2.3.4/tcp/80", null)]
    [InlineData("/ip6zone/3", null)]
    public void Only_an_address_of_IP_and_TCP_is_an_endpoint(string text, string? expected)
    {
        Multiaddr address = Multiaddr.Parse(text);
        Assert.Equal(expected is not null, address.TryGetEndPoint(out IPEndPoint? endPoint));
        Assert.Equal(expected is null ? null : IPEndPoint.Parse(expected), endPoint);
    }

    [Fact]
    public void The_peer_of_the_last_part_is_taken_off_and_put_on()
    {
        PeerId peer = PeerId.Parse(Peer);
        Multiaddr bare = Multiaddr.Parse("/ip4/127.0.0.1/tcp/4001");
        Multiaddr full = bare.WithPeer(peer);

        Assert.Null(bare.Peer);
        Assert.Equal($"{bare}/p2p/{Peer}", full.ToString());
        Assert.Equal(peer, full.Peer);
        Assert.Equal(bare, full.WithoutPeer());
        Assert.Same(bare, bare.WithoutPeer());
        PeerId other = PeerId.Parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
        Assert.Equal(other, full.WithPeer(other).Peer);
        Assert.Equal(bare, full.WithPeer(other).WithoutPeer());

        // The peer of a relay is not the peer of the address.
        Multiaddr relayed = Multiaddr.Parse($"/ip4/1.2.3.4/tcp/1/p2p/{Peer}/p2p-circuit");
        Assert.Null(relayed.Peer);
        Assert.Equal(other, relayed.WithPeer(other).Peer);
    }

    [Fact]
    public void A_memory_address_gives_its_number()
    {
        Assert.True(Multiaddr.FromMemory(7).TryGetMemory(out ulong number));
        Assert.Equal(7UL, number);
        Assert.True(Multiaddr.Parse($"/memory/7/p2p/{Peer}").TryGetMemory(out _));
        Assert.False(Multiaddr.Parse("/memory/7/tcp/1").TryGetMemory(out _));
        Assert.False(Multiaddr.Parse("/tcp/1").TryGetMemory(out _));
    }

    [Fact]
    public void The_parts_are_enumerated_without_allocating()
    {
        Multiaddr address = Multiaddr.Parse($"/dns4/example.org/tcp/443/tls/ws/p2p/{Peer}");
        long before = GC.GetAllocatedBytesForCurrentThread();
        int sum = 0;
        foreach (MultiaddrComponent component in address)
        {
            sum += component.Code + component.Value.Length;
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(54 + 6 + 448 + 477 + 421 + 11 + 2 + 38, sum);
    }

    [Fact]
    public void Any_bytes_are_an_address_or_refused_and_an_address_comes_back_from_both_forms()
    {
        ParserFuzz.Run(
            input =>
            {
                if (Multiaddr.TryDecode(input, out Multiaddr? address) && !address.Bytes.SequenceEqual(input))
                {
                    throw new InvalidOperationException("Other bytes than were read.");
                }
            },
            Corpus());

        // The same again with the text form, which allocates more than the parser may.
        var chance = new Core.Runtime.SeededChance(1);
        foreach ((_, string hex) in Golden)
        {
            byte[] bytes = Convert.FromHexString(hex);
            for (int i = 0; i < 2000; i++)
            {
                byte[] mutated = [.. bytes];
                mutated[chance.NextInt32(mutated.Length)] = (byte)chance.NextInt32(256);
                if (Multiaddr.TryDecode(mutated, out Multiaddr? address))
                {
                    Assert.True(Multiaddr.TryParse(address.ToString(), out Multiaddr? again, out string? error), $"{address}: {error}");
                    Assert.Equal(address, again);
                }
            }
        }
    }

    [Fact]
    public void Any_text_is_an_address_or_refused() =>
        ParserFuzz.RunText(
            text =>
            {
                if (!Multiaddr.TryParse(text, out Multiaddr? address, out string? error) && error.Length > text.Length + 100)
                {
                    throw new InvalidOperationException($"A long reason: {error}");
                }
            },
            [.. Golden.Select(g => g.Text)]);

    private static byte[][] Corpus() => [.. Golden.Select(g => Convert.FromHexString(g.Hex))];
}
