using System.Security.Cryptography;

namespace Pmq.Core.Cryptography;

/// <summary>
/// secp256k1 by the library of that name: several times as fast as BouncyCastle, and constant in time.
/// </summary>
internal sealed unsafe class LibSecp256k1 : Secp256k1Provider
{
    private const uint SignAndVerify = 0x301; // SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY
    private const uint Compressed = 0x102; // SECP256K1_EC_COMPRESSED
    private const int OpaqueLength = 64; // secp256k1_pubkey, secp256k1_ecdsa_signature

    private readonly nint _context;
    private readonly delegate* unmanaged<nint, byte*, byte*, nuint, int> _parseKey;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _createKey;
    private readonly delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int> _serializeKey;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _parseSignature;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _serializeSignature;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _normalize;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, int> _verify;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int> _sign;

    private LibSecp256k1(NativeExports exports)
    {
        _parseKey = (delegate* unmanaged<nint, byte*, byte*, nuint, int>)exports["secp256k1_ec_pubkey_parse"];
        _createKey = (delegate* unmanaged<nint, byte*, byte*, int>)exports["secp256k1_ec_pubkey_create"];
        _serializeKey = (delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int>)
            exports["secp256k1_ec_pubkey_serialize"];
        _parseSignature = (delegate* unmanaged<nint, byte*, byte*, int>)
            exports["secp256k1_ecdsa_signature_parse_compact"];
        _serializeSignature = (delegate* unmanaged<nint, byte*, byte*, int>)
            exports["secp256k1_ecdsa_signature_serialize_compact"];
        _normalize = (delegate* unmanaged<nint, byte*, byte*, int>)exports["secp256k1_ecdsa_signature_normalize"];
        _verify = (delegate* unmanaged<nint, byte*, byte*, byte*, int>)exports["secp256k1_ecdsa_verify"];
        _sign = (delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int>)exports["secp256k1_ecdsa_sign"];

        // The context is read only from here on, and shared by all threads until the process ends.
        var create = (delegate* unmanaged<uint, nint>)exports["secp256k1_context_create"];
        var randomize = (delegate* unmanaged<nint, byte*, int>)exports["secp256k1_context_randomize"];
        _context = create(SignAndVerify);
        Span<byte> blinding = stackalloc byte[32];
        RandomNumberGenerator.Fill(blinding);
        fixed (byte* b = blinding)
        {
            _ = randomize(_context, b);
        }
    }

    public override string Name => "libsecp256k1";

    /// <summary>Loads the library from <paramref name="path"/>, or by its usual names.</summary>
    public static LibSecp256k1? TryLoad(string? path = null)
    {
        const string Probe = "secp256k1_ecdsa_sign";
        NativeExports? exports = path is not null
            ? NativeExports.TryLoad(Probe, path)
            : NativeExports.TryLoad(
                Probe,
                "libsecp256k1.so.6", "libsecp256k1.so.5", "libsecp256k1.so.2", "libsecp256k1.so.1", "libsecp256k1.so.0",
                "libsecp256k1.so", "libsecp256k1.dylib");
        return exports is { } found ? new LibSecp256k1(found) : null;
    }

    public override bool TryDerive(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        byte* key = stackalloc byte[OpaqueLength];
        nuint length = PublicKeyLength;
        fixed (byte* d = privateKey, p = publicKey)
        {
            return _createKey(_context, key, d) == 1 && _serializeKey(_context, p, &length, key, Compressed) == 1;
        }
    }

    public override void Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        byte* made = stackalloc byte[OpaqueLength];
        fixed (byte* d = privateKey, h = digest, s = signature)
        {
            if (_sign(_context, made, h, d, 0, 0) != 1)
            {
                throw new CryptographicException($"{Name} could not sign.");
            }

            _ = _serializeSignature(_context, s, made);
        }
    }

    public override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        byte* key = stackalloc byte[OpaqueLength];
        byte* parsed = stackalloc byte[OpaqueLength];
        fixed (byte* p = publicKey, h = digest, s = signature)
        {
            if (_parseKey(_context, key, p, (nuint)publicKey.Length) != 1 || _parseSignature(_context, parsed, s) != 1)
            {
                return false;
            }

            // The library refuses high S, which other implementations send.
            _ = _normalize(_context, parsed, parsed);
            return _verify(_context, parsed, h, key) == 1;
        }
    }
}
