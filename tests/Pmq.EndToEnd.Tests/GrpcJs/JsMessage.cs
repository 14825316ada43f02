using System.Text;
using System.Text.Json;

namespace Pmq.EndToEnd.Tests.GrpcJs;

/// <summary>A message as a js node got it.</summary>
internal sealed record JsMessage(string MessageId, string Topic, byte[] Data)
{
    public string Text => Encoding.UTF8.GetString(Data);

    public static JsMessage Of(JsonElement received) => new(
        received.GetProperty("messageId").GetString()!,
        received.GetProperty("topic").GetString()!,
        received.GetProperty("data").GetBytesFromBase64());
}
