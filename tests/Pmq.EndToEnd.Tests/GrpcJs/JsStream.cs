using System.Text.Json;
using Pmq.Testing.Peers;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>An open stream of a js node: a listener, a verifier, a watcher.</summary>
internal sealed class JsStream(ScriptedPeer script, int stream)
{
    /// <summary>Every message so far.</summary>
    public IReadOnlyList<JsMessage> Received => [.. script.EventsSoFar("message").Where(IsOurs).Select(JsMessage.Of)];

    /// <summary>Takes the next message.</summary>
    public async Task<JsMessage> NextAsync() => JsMessage.Of(await NextEventAsync());

    /// <summary>Takes the next message as the event that it is.</summary>
    public Task<JsonElement> NextEventAsync() => script.EventAsync("message", IsOurs);

    /// <summary>Takes the next messages, sorted by text.</summary>
    public async Task<IReadOnlyList<string>> NextTextsAsync(int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            texts.Add((await NextAsync()).Text);
        }

        return [.. texts.Order(StringComparer.Ordinal)];
    }

    /// <summary>Gives what a verifier holds a verdict.</summary>
    public Task JudgeAsync(string result) => script.CallAsync("judge", new { stream, result });

    /// <summary>Gives any message a verdict.</summary>
    public Task JudgeAsync(string result, string topic, string messageId) =>
        script.CallAsync("judge", new { stream, result, messages = new[] { new { topic, message_id = messageId } } });

    /// <summary>Cancels the call.</summary>
    public Task CancelAsync() => script.CallAsync("cancel", new { stream });

    /// <summary>Cancels several calls.</summary>
    public static Task CancelAsync(params JsStream[] streams) => Task.WhenAll(streams.Select(stream => stream.CancelAsync()));

    /// <summary>Closes the node's side alone.</summary>
    public Task CloseAsync() => script.CallAsync("close", new { stream });

    /// <summary>Waits for the end: its status, details and trailers.</summary>
    public Task<JsonElement> EndAsync() => script.EventAsync("ended", IsOurs);

    private bool IsOurs(JsonElement received) => received.GetProperty("stream").GetInt32() == stream;
}
