using System.Buffers;
using System.Text;
using Pmq.Core.Addresses;
using Pmq.Core.Encoding;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;
using Pmq.Core.Runtime;

namespace Pmq.Interop.Tests;

/// <summary>Identify and identify/push with js, and with what other implementations send.</summary>
public sealed class IdentifyTests
{
    private const string Protocol = "/ipfs/id/1.0.0";
    private const string Push = "/ipfs/id/push/1.0.0";

    [Theory]
    [InlineData(Dialer.Ours)]
    [InlineData(Dialer.Js)]
    public async Task We_and_js_tell_each_other_who_we_are(Dialer dialer)
    {
        await using var pair = await Pair.StartAsync(o => o with { UserAgent = "interop" }, new { userAgent = "a js peer" });
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await pair.ConnectAsync(dialer);

        var ours = await watch.DescriptionAsync(_ => true);
        Assert.Equal("a js peer", ours.AgentVersion);
        Assert.Equal("ipfs/0.1.0", ours.ProtocolVersion);
        Assert.Contains("/echo", ours.Protocols);
        Assert.Contains(Multiaddr.Parse(pair.Js.Address).WithoutPeer(), ours.ListenAddresses);
        Assert.NotNull(ours.ObservedAddress);

        var theirs = await pair.Js.EventAsync("identified");
        Assert.Equal("p2pmq/interop", theirs.GetProperty("agentVersion").GetString());
        Assert.Contains("/echo", theirs.GetProperty("protocols").EnumerateArray().Select(p => p.GetString()));
        Assert.Contains(
            pair.Host.ListenAddresses[0].WithoutPeer().ToString(),
            theirs.GetProperty("listenAddresses").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal(
            pair.Host.ListenAddresses[0].WithoutPeer().ToString(),
            theirs.GetProperty("record").GetProperty("addresses")[0].GetString());
    }

    [Fact]
    public async Task Js_learns_by_push_what_we_serve_and_stop_serving_later()
    {
        await using var pair = await Pair.ConnectAsync(Dialer.Ours);
        await pair.Js.EventAsync("identified");

        pair.Host.Handle("/later/1", Streams.EchoAsync);
        await pair.Js.EventAsync("identified", e => Serves(e, "/later/1"));

        pair.Host.StopHandling("/later/1");
        await pair.Js.EventAsync("identified", e => !Serves(e, "/later/1") && Serves(e, "/echo"));

        static bool Serves(System.Text.Json.JsonElement e, string protocol) =>
            e.GetProperty("protocols").EnumerateArray().Any(p => p.GetString() == protocol);
    }

    [Fact]
    public async Task We_learn_by_push_what_js_serves_and_stops_serving_later()
    {
        await using var pair = await Pair.StartAsync();
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await pair.ConnectAsync(Dialer.Ours);
        await watch.DescriptionAsync(d => d.Protocols.Contains("/echo"));

        await pair.Js.CallAsync("handle", new { protocol = "/later/1", mode = "echo" });
        await watch.DescriptionAsync(d => d.Protocols.Contains("/later/1"));

        await pair.Js.CallAsync("unhandle", new { protocol = "/echo" });
        var last = await watch.DescriptionAsync(d => !d.Protocols.Contains("/echo") && d.Protocols.Contains("/later/1"));
        Assert.NotEmpty(last.ListenAddresses);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public async Task Identify_in_one_message_and_in_several_is_merged(int messages)
    {
        await using var pair = await Pair.StartAsync(js: new { identify = false });
        byte[] answer = [.. Enumerable.Range(1, messages).SelectMany(i => Message($"/part/{i}", $"agent {i}"))];
        await pair.Js.CallAsync("handle", new { protocol = Protocol, mode = "reply", data = answer });
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);

        await pair.ConnectAsync(Dialer.Ours);

        var described = await watch.DescriptionAsync(_ => true);
        Assert.Equal(
            Enumerable.Range(1, messages).Select(i => $"/part/{i}").Order(StringComparer.Ordinal), described.Protocols);
        Assert.Equal($"agent {messages}", described.AgentVersion);
    }

    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(8192)]
    public async Task Identify_messages_up_to_8_KiB_are_read(int bytes)
    {
        var described = await IdentifiedAsync(bytes);

        Assert.NotNull(described);
        Assert.Contains("/last", described.Protocols);
    }

    [Fact]
    public async Task An_identify_message_above_8_KiB_is_refused_and_the_connection_stays()
    {
        await using var pair = await Pair.StartAsync(js: new { identify = false });
        await pair.Js.CallAsync("handle", new { protocol = Protocol, mode = "reply", data = MessageOf(8193) });

        await pair.ConnectAsync(Dialer.Ours);

        await pair.Logs.Lines.TakeAsync(
            l => l.Contains("Identify with", StringComparison.Ordinal) && l.Contains("MessageTooLong", StringComparison.Ordinal));
        Assert.Null(pair.Host.Describe(pair.JsPeerId));
        Assert.Null(pair.Connection.CloseReason);
    }

    [Fact]
    public async Task What_we_tell_stays_below_the_4_KiB_that_rust_reads_and_js_merges_it()
    {
        await using var pair = await Pair.StartAsync();
        string[] many = [.. Enumerable.Range(0, 200).Select(i => $"/a/rather/long/protocol/id/number/{i:d4}")];
        foreach (string protocol in many)
        {
            pair.Host.Handle(protocol, Streams.EchoAsync);
        }

        await pair.ConnectAsync(Dialer.Js);

        var identified = await pair.Js.EventAsync("identified");
        var told = identified.GetProperty("protocols").EnumerateArray().Select(p => p.GetString()).ToHashSet();
        Assert.Superset(many.ToHashSet(), told!);
    }

    [Fact]
    public async Task A_push_with_only_protocols_leaves_the_addresses_as_they_were()
    {
        await using var pair = await Pair.StartAsync(o => o with { UserAgent = "interop" });
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await pair.ConnectAsync(Dialer.Js);
        var before = await watch.DescriptionAsync(d => d.ListenAddresses.Count > 0);

        var opened = await pair.Js.CallAsync("open", new { peer = pair.Host.LocalPeer.ToString(), protocols = new[] { Push } });
        int stream = opened.GetProperty("stream").GetInt32();
        await pair.Js.CallAsync("send", new { stream, data = Message("/only/protocols", agent: null) });
        await pair.Js.CallAsync("closeWrite", new { stream });

        var after = await watch.DescriptionAsync(d => d.Protocols.SequenceEqual(["/only/protocols"]));
        Assert.Equal(before.ListenAddresses, after.ListenAddresses);
        Assert.Equal(before.AgentVersion, after.AgentVersion);
    }

    [Fact]
    public async Task A_key_in_identify_that_is_not_the_proven_one_is_refused_by_name()
    {
        await using var pair = await Pair.StartAsync(js: new { identify = false });
        using var other = PrivateKey.Generate(KeyType.Ed25519, SystemEntropy.Instance);
        byte[] message = Framed(output => new ProtoWriter(output).WriteBytes(1, other.PublicKey.Protobuf));
        await pair.Js.CallAsync("handle", new { protocol = Protocol, mode = "reply", data = message });

        await pair.ConnectAsync(Dialer.Ours);

        await pair.Logs.Lines.TakeAsync(
            l => l.Contains("Identify with", StringComparison.Ordinal) && l.Contains("WrongKey", StringComparison.Ordinal));
        Assert.Null(pair.Host.Describe(pair.JsPeerId));
    }

    private static async Task<PeerDescription?> IdentifiedAsync(int bytes)
    {
        await using var pair = await Pair.StartAsync(js: new { identify = false });
        await pair.Js.CallAsync("handle", new { protocol = Protocol, mode = "reply", data = MessageOf(bytes) });
        using var watch = new ConnectionWatch(pair.Host, pair.JsPeerId);
        await pair.ConnectAsync(Dialer.Ours);
        return await watch.DescriptionAsync(_ => true);
    }

    /// <summary>A message of exactly that many bytes, its prefix not counted, whose last field is the protocol <c>/last</c>.</summary>
    private static byte[] MessageOf(int bytes) => Framed(output =>
    {
        var writer = new ProtoWriter(output);
        const int Last = 2 + 5;
        int left = bytes - Last;
        while (left > 0)
        {
            // Field 3 with a text below 128 bytes costs two bytes more than the text; never leave one byte over.
            int length = Math.Min(left - 2, 100);
            length = left - 2 - length is 1 or 2 ? length - 3 : length;
            writer.WriteBytes(3, Encoding.ASCII.GetBytes($"/{left}".PadRight(length, 'x')));
            left -= length + 2;
        }

        writer.WriteBytes(3, "/last"u8);
    });

    private static byte[] Message(string protocol, string? agent) => Framed(output =>
    {
        var writer = new ProtoWriter(output);
        writer.WriteBytes(3, Encoding.ASCII.GetBytes(protocol));
        if (agent is not null)
        {
            writer.WriteBytes(6, Encoding.ASCII.GetBytes(agent));
        }
    });

    private static byte[] Framed(Action<ArrayBufferWriter<byte>> write)
    {
        var message = new ArrayBufferWriter<byte>();
        write(message);
        Span<byte> prefix = stackalloc byte[Varint.MaxLength];
        int length = Varint.Write(prefix, (ulong)message.WrittenCount);
        return [.. prefix[..length], .. message.WrittenSpan];
    }
}
