using System.Globalization;
using System.Text.Json;
using Pmq.Testing.Peers;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>What a js node does with one agent. A call that the agent refuses throws <see cref="ScriptedPeerException"/>.</summary>
internal sealed class JsClient(ScriptedPeer script, int agent)
{
    public async Task<JsPublished> PublishAsync(string topic, byte[] data)
    {
        JsonElement answer = await script.CallAsync("publish", new { agent, topic, data });
        JsonElement trailers = answer.GetProperty("trailers");
        return new JsPublished(
            answer.GetProperty("messageId").GetString()!,
            Count("pmq-sent") + Count("pmq-queued"),
            Count("pmq-dropped"),
            bool.Parse(trailers.GetProperty("pmq-duplicate").GetString()!));

        int Count(string name) => int.Parse(trailers.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
    }

    public Task<JsPublished> PublishAsync(string topic, string text) =>
        PublishAsync(topic, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Publishes over one stream; returns the receipts in their order.</summary>
    public async Task<IReadOnlyList<JsonElement>> PublishManyAsync(
        IEnumerable<(string Topic, string Text, ulong Reference)> items)
    {
        var sent = items.Select(item => new
        {
            topic = item.Topic,
            data = System.Text.Encoding.UTF8.GetBytes(item.Text),
            client_ref = item.Reference.ToString(CultureInfo.InvariantCulture),
        });
        JsonElement answer = await script.CallAsync("publishMany", new { agent, items = sent });
        return [.. answer.GetProperty("receipts").EnumerateArray()];
    }

    public Task SubscribeAsync(string topic) => script.CallAsync("subscribe", new { agent, topic });

    public Task UnsubscribeAsync(string topic) => script.CallAsync("unsubscribe", new { agent, topic });

    /// <summary>Listens; when this returns, nothing that is accepted from now on is missed.</summary>
    public Task<JsStream> ListenAsync(string[]? topics = null, string maxRate = "0") =>
        OpenAsync("listen", new { agent, topics = topics ?? [], maxRate });

    /// <summary>Attaches a verifier.</summary>
    /// <param name="otherwise">Its verdict where no rule holds: ACCEPT, IGNORE, REJECT, NIL; HOLD waits for a judgement.</param>
    /// <param name="topics">The topics it serves; null: all.</param>
    /// <param name="mode">The metadata pmq-mode.</param>
    /// <param name="rules">Verdicts for data that contains a text.</param>
    /// <param name="echo">Whether verdicts carry the whole message back.</param>
    public Task<JsStream> VerifyAsync(
        string otherwise,
        string[]? topics = null,
        string? mode = null,
        (string Contains, string Result)[]? rules = null,
        bool echo = false) => OpenAsync(
        "verify",
        new
        {
            agent,
            otherwise,
            topics,
            mode,
            echo,
            rules = (rules ?? []).Select(rule => new { contains = rule.Contains, result = rule.Result }),
        });

    public async Task<IReadOnlyList<JsonElement>> ListPeersAsync() =>
        [.. (await script.CallAsync("listPeers", new { agent })).GetProperty("peers").EnumerateArray()];

    public async Task<string> CheckHealthAsync(string service) =>
        (await script.CallAsync("check", new { agent, service })).GetProperty("status").GetString()!;

    public Task<JsStream> WatchHealthAsync(string service) => OpenAsync("watch", new { agent, service });

    /// <summary>The names of the services, as reflection tells them.</summary>
    public async Task<IReadOnlyList<string>> ServicesAsync() =>
        (await script.CallAsync("services", new { agent })).Texts("services");

    /// <summary>The contract of the file that defines a symbol, as reflection tells it.</summary>
    public async Task<IReadOnlyList<string>> ReflectedContractAsync(string symbol) =>
        (await script.CallAsync("reflectedContract", new { agent, symbol })).Texts("lines");

    /// <summary>A unary call to any path.</summary>
    public Task CallAsync(string path) => script.CallAsync("call", new { agent, path });

    private async Task<JsStream> OpenAsync(string op, object request) =>
        new(script, (await script.CallAsync(op, request)).GetProperty("stream").GetInt32());
}
