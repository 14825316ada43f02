namespace Pmq.Gossipsub.State;

/// <summary>Why an id is remembered.</summary>
internal enum SeenKind : byte
{
    /// <summary>The node accepted it, or we published it and it reached somebody.</summary>
    Accepted,

    /// <summary>The node ignored it.</summary>
    Ignored,

    /// <summary>The node rejected it; who sends it again is penalised.</summary>
    Rejected,

    /// <summary>
    /// We published it, it was delivered here and reached nobody. It is not seen: it can be published or received
    /// again; only the delivery is not repeated.
    /// </summary>
    DeliveredUnsent,
}
