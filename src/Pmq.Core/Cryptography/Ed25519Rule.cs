using Pmq.Core.Identity;

namespace Pmq.Core.Cryptography;

/// <summary>
/// The acceptance rule that stands before every Ed25519 verification, so that all libraries judge alike: S &lt; L; A
/// and R canonically encoded and not of small order. What is left is judged without cofactor by the library.
/// </summary>
/// <remarks>
/// A signature that only this rule refuses may be accepted by another implementation, so the peer that hands it on is
/// not to be punished: <see cref="SignatureVerdict.NotCanonical"/>. A key or an R of small order, or not canonical,
/// always falls under it, since implementations differ on those in many ways. For S it is decided: a signature that is
/// not good with S reduced modulo L either is plainly wrong.
/// </remarks>
internal static class Ed25519Rule
{
    // Little endian. L is the order of the base point, P = 2^255 - 19.
    private static ReadOnlySpan<byte> L =>
    [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];

    private static ReadOnlySpan<byte> P =>
    [
        0xED, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
    ];

    // The y coordinates of the eight points whose order divides 8, as canonical encodings without the sign of x:
    // 0 (order 4), 1 (order 1), P - 1 (order 2), and the two of order 8.
    private static ReadOnlySpan<byte> SmallOrder =>
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0xEC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
        0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
        0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
        0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
    ];

    /// <summary>Judges a signature of any length by a key of 32 bytes.</summary>
    public static SignatureVerdict Verify(
        Curve25519Provider provider,
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> message,
        ReadOnlySpan<byte> signature)
    {
        // Signature: R (32 bytes), S (32 bytes, little endian).
        if (signature.Length != Ed25519Signer.SignatureLength)
        {
            return SignatureVerdict.Invalid;
        }

        if (!IsAcceptable(publicKey) || !IsAcceptable(signature[..32]))
        {
            return SignatureVerdict.NotCanonical;
        }

        ReadOnlySpan<byte> s = signature[32..];
        if (IsBelow(s, L))
        {
            return provider.VerifyEd25519(publicKey, message, signature)
                ? SignatureVerdict.Valid
                : SignatureVerdict.Invalid;
        }

        // S has 256 bits and L 253: at most 15 rounds.
        Span<byte> reduced = stackalloc byte[Ed25519Signer.SignatureLength];
        signature.CopyTo(reduced);
        do
        {
            Subtract(reduced[32..], L);
        }
        while (!IsBelow(reduced[32..], L));

        return provider.VerifyEd25519(publicKey, message, reduced)
            ? SignatureVerdict.NotCanonical
            : SignatureVerdict.Invalid;
    }

    /// <summary>
    /// Whether an encoded point is canonical and not of small order. Whether it is on the curve is not asked.
    /// </summary>
    public static bool IsAcceptable(ReadOnlySpan<byte> point)
    {
        Span<byte> y = stackalloc byte[32];
        point.CopyTo(y);
        y[31] &= 0x7F;
        if (!IsBelow(y, P))
        {
            return false;
        }

        for (ReadOnlySpan<byte> table = SmallOrder; !table.IsEmpty; table = table[32..])
        {
            if (y.SequenceEqual(table[..32]))
            {
                return false;
            }
        }

        // A zero x with a set sign would not be canonical either; it belongs to y = 1 and y = P - 1, refused above.
        return true;
    }

    private static bool IsBelow(ReadOnlySpan<byte> value, ReadOnlySpan<byte> bound)
    {
        for (int i = 31; i >= 0; i--)
        {
            if (value[i] != bound[i])
            {
                return value[i] < bound[i];
            }
        }

        return false;
    }

    private static void Subtract(Span<byte> value, ReadOnlySpan<byte> subtrahend)
    {
        int borrow = 0;
        for (int i = 0; i < 32; i++)
        {
            int difference = value[i] - subtrahend[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            value[i] = (byte)difference;
        }
    }
}
