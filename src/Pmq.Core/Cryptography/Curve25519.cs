namespace Pmq.Core.Cryptography;

/// <summary>
/// Ed25519 and X25519 by a native library, chosen once: libsodium when the system has it (it verifies about 1.8 times
/// as fast), else libcrypto, which .NET on Linux has loaded already.
/// </summary>
public static class Curve25519
{
    /// <summary>
    /// The name of the runtime setting (<c>runtimeconfig.json</c>) that forces a library: <c>libsodium</c> or
    /// <c>libcrypto</c>. Absent by default.
    /// </summary>
    public const string ProviderSetting = "Pmq.Curve25519";

    private static readonly Lazy<Curve25519Provider> Chosen = new(Choose);

    /// <summary>The library in use and its version, as <c>libsodium 1.0.18</c>: for the start-up log.</summary>
    /// <exception cref="PlatformNotSupportedException">Neither library is on this system.</exception>
    public static string ProviderName => Provider.Name;

    internal static Curve25519Provider Provider => Chosen.Value;

    /// <summary>Every library that this system has, the preferred one first.</summary>
    internal static IEnumerable<Curve25519Provider> Available()
    {
        if (Sodium.TryLoad() is { } sodium)
        {
            yield return sodium;
        }

        if (LibCrypto.TryLoad() is { } crypto)
        {
            yield return crypto;
        }
    }

    internal static void CheckLength(int length, int expected, string parameter)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{length} bytes where {expected} are needed.", parameter);
        }
    }

    private static Curve25519Provider Choose()
    {
        string? wanted = AppContext.GetData(ProviderSetting) as string;
        return Available().FirstOrDefault(p => wanted is null || p.Name.StartsWith(wanted, StringComparison.Ordinal))
            ?? throw new PlatformNotSupportedException(
                "No library for Ed25519 and X25519: "
                + $"{wanted ?? "libsodium or libcrypto (OpenSSL 1.1.1 or later)"} was not found on this system.");
    }
}
