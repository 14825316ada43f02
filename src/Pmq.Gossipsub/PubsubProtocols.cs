namespace Pmq.Gossipsub;

/// <summary>The protocol ids that the router speaks.</summary>
public static class PubsubProtocols
{
    /// <summary>The ids, most wanted first: the order in which they are offered to a peer.</summary>
    public static IReadOnlyList<string> Ids { get; } =
        ["/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0", "/floodsub/1.0.0"];

    /// <summary>The protocol of an id; false if it is none of <see cref="Ids"/>.</summary>
    public static bool TryParse(string id, out PubsubProtocol protocol)
    {
        (bool known, protocol) = id switch
        {
            "/meshsub/1.2.0" => (true, PubsubProtocol.Meshsub12),
            "/meshsub/1.1.0" => (true, PubsubProtocol.Meshsub11),
            "/meshsub/1.0.0" => (true, PubsubProtocol.Meshsub10),
            "/floodsub/1.0.0" => (true, PubsubProtocol.Floodsub),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>The id of a protocol.</summary>
    public static string IdOf(PubsubProtocol protocol) => Ids[Ids.Count - 1 - (int)protocol];
}
