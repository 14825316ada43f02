using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pmq.Agent;

/// <summary>The one line that <c>pmq agent</c> prints on standard output, once everything accepts.</summary>
internal static class ReadyLine
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the line, without its end.</summary>
    /// <param name="peerId">Who we are.</param>
    /// <param name="listen">Multiaddrs that can be dialed, each ending in /p2p/… .</param>
    /// <param name="grpc">HOST:PORT or unix:PATH.</param>
    /// <param name="http">HOST:PORT; null when nothing is served there.</param>
    public static string Write(string peerId, IEnumerable<string> listen, string grpc, string? http) => new JsonObject
    {
        ["event"] = "ready",
        ["peerId"] = peerId,
        ["listen"] = new JsonArray([.. listen.Select(address => JsonValue.Create(address))]),
        ["grpc"] = grpc,
        ["http"] = http,
    }.ToJsonString(Json);
}
