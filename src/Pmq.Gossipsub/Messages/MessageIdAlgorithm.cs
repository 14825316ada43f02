namespace Pmq.Gossipsub.Messages;

/// <summary>The digest that a message id is taken from (<c>msgIDFn.type</c>).</summary>
public enum MessageIdAlgorithm
{
    /// <summary>SHA-256, 32 bytes. The default.</summary>
    Sha256,

    /// <summary>
    /// MD5, 16 bytes; for networks that use it already. Two payloads with one id can be made at will.
    /// </summary>
    Md5,
}
