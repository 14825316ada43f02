namespace Pmq.Core.Cryptography;

/// <summary>
/// ECDSA over secp256k1: by libsecp256k1 when the system has it, else by BouncyCastle, many times slower.
/// </summary>
public static class Secp256k1
{
    /// <summary>The library in use: for the start-up log.</summary>
    public static string ProviderName => Secp256k1Provider.Default.Name;
}
