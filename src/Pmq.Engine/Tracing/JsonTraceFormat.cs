using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Engine.Tracing;

/// <summary>One JSON object a line: time, event, and what belongs to it. Ids are text, as everywhere else.</summary>
internal sealed class JsonTraceFormat : ITraceFormat
{
    private readonly Utf8JsonWriter _writer = new(
        new ArrayBufferWriter<byte>(), new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <inheritdoc />
    public void Write(in TraceEvent traced, DateTimeOffset time, IBufferWriter<byte> destination)
    {
        _writer.Reset(destination);
        _writer.WriteStartObject();
        _writer.WriteString("time", time.UtcDateTime);
        _writer.WriteString("event", TraceText.NameOf(traced.Kind));
        if (traced.Peer is { } peer)
        {
            _writer.WriteString("peerId", peer.ToString());
        }

        if (traced.Topic is { } topic)
        {
            _writer.WriteString("topic", topic);
        }

        if (traced.MessageId.Size > 0)
        {
            _writer.WriteString("messageId", traced.MessageId.ToString());
        }

        WriteRest(traced);
        _writer.WriteEndObject();
        _writer.Flush();
        destination.Write("\n"u8);
    }

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();

    private void WriteRest(in TraceEvent traced)
    {
        switch (traced.Kind)
        {
            case TraceKind.Reject:
                _writer.WriteString("reason", TraceText.ReasonOf(traced));
                break;
            case TraceKind.AddPeer:
                _writer.WriteString("protocol", PubsubProtocols.IdOf(traced.Protocol));
                break;
            case TraceKind.ReceiveRpc or TraceKind.SendRpc or TraceKind.DropRpc:
                WriteRpc(traced.ReadRpc());
                break;
            case TraceKind.Penalty:
                _writer.WriteString("misbehaviour", traced.Misbehaviour.ToString());
                _writer.WriteNumber("count", traced.Count);
                break;
            case TraceKind.ScoreBand:
                _writer.WriteString("band", TraceText.NameOf(traced.Band));
                _writer.WriteNumber("score", traced.Score);
                break;
            case TraceKind.PeerExchange or TraceKind.SlowPeer or TraceKind.Throttle:
                _writer.WriteNumber("count", traced.Count);
                break;
        }
    }

    private void WriteRpc(RpcMeta rpc)
    {
        foreach ((string topic, ReadOnlyMemory<byte> id) in Begin("messages", rpc.Messages))
        {
            WriteItem(topic, "messageId", id);
        }

        End(rpc.Messages);
        foreach ((string topic, bool subscribe) in Begin("subscriptions", rpc.Subscriptions))
        {
            _writer.WriteStartObject();
            _writer.WriteString("topic", topic);
            _writer.WriteBoolean("subscribe", subscribe);
            _writer.WriteEndObject();
        }

        End(rpc.Subscriptions);
        foreach ((string topic, IReadOnlyList<ReadOnlyMemory<byte>> ids) in Begin("ihave", rpc.IHave))
        {
            _writer.WriteStartObject();
            _writer.WriteString("topic", topic);
            WriteIds("messageIds", ids);
            _writer.WriteEndObject();
        }

        End(rpc.IHave);
        WriteAllIds("iwant", rpc.IWant);
        foreach (string topic in Begin("graft", rpc.Grafts))
        {
            _writer.WriteStringValue(topic);
        }

        End(rpc.Grafts);
        foreach ((string topic, IReadOnlyList<ReadOnlyMemory<byte>> peers) in Begin("prune", rpc.Prunes))
        {
            _writer.WriteStartObject();
            _writer.WriteString("topic", topic);
            _writer.WriteNumber("peers", peers.Count);
            _writer.WriteEndObject();
        }

        End(rpc.Prunes);
        WriteAllIds("idontwant", rpc.IDontWant);
    }

    /// <summary>All ids of a kind as one list: how they were spread over entries means nothing.</summary>
    private void WriteAllIds(string name, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> entries)
    {
        if (entries.Count > 0)
        {
            WriteIds(name, [.. entries.SelectMany(ids => ids)]);
        }
    }

    private void WriteIds(string name, IReadOnlyList<ReadOnlyMemory<byte>> ids)
    {
        _writer.WriteStartArray(name);
        foreach (ReadOnlyMemory<byte> id in ids)
        {
            _writer.WriteStringValue(TextOf(id.Span));
        }

        _writer.WriteEndArray();
    }

    private void WriteItem(string topic, string name, ReadOnlyMemory<byte> id)
    {
        _writer.WriteStartObject();
        _writer.WriteString("topic", topic);
        _writer.WriteString(name, TextOf(id.Span));
        _writer.WriteEndObject();
    }

    /// <summary>An id of ours is text on the wire; one of another shape may be any bytes.</summary>
    private static string TextOf(ReadOnlySpan<byte> id) =>
        id.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? "0x" + Convert.ToHexStringLower(id) : Encoding.ASCII.GetString(id);

    private IReadOnlyList<T> Begin<T>(string name, IReadOnlyList<T> items)
    {
        if (items.Count > 0)
        {
            _writer.WriteStartArray(name);
        }

        return items;
    }

    private void End<T>(IReadOnlyList<T> items)
    {
        if (items.Count > 0)
        {
            _writer.WriteEndArray();
        }
    }
}
