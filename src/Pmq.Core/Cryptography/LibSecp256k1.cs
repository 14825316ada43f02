using System.Security.Cryptography;

namespace Pmq.Core.Cryptography;

/// <summary>
/// secp256k1 by the library of that name: several times as fast as BouncyCastle, and constant in time.
/// </summary>
internal sealed unsafe class LibSecp256k1 : Secp256k1Provider
{
    private const uint SignAndVerify = 0x301; // SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY
    private const uint Compressed = 0x102; // SECP256K1_EC_COMPRESSED
    private const uint Uncompressed = 0x2; // SECP256K1_EC_UNCOMPRESSED
    private const int OpaqueLength = 64; // secp256k1_pubkey, secp256k1_ecdsa_signature
    private const int OpaqueRecoverableLength = 65; // secp256k1_ecdsa_recoverable_signature

    private readonly nint _context;
    private readonly delegate* unmanaged<nint, byte*, byte*, nuint, int> _parseKey;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _createKey;
    private readonly delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int> _serializeKey;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _parseSignature;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _serializeSignature;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _normalize;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, int> _verify;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int> _sign;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int> _signRecoverable;
    private readonly delegate* unmanaged<nint, byte*, int*, byte*, int> _serializeRecoverable;
    private readonly delegate* unmanaged<nint, byte*, byte*, int, int> _parseRecoverable;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, int> _recover;

    // The recovery module is optional when the library is built.
    private readonly BouncySecp256k1? _withoutModule;

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
        if (exports.Has("secp256k1_ecdsa_recover"))
        {
            _signRecoverable = (delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int>)
                exports["secp256k1_ecdsa_sign_recoverable"];
            _serializeRecoverable = (delegate* unmanaged<nint, byte*, int*, byte*, int>)
                exports["secp256k1_ecdsa_recoverable_signature_serialize_compact"];
            _parseRecoverable = (delegate* unmanaged<nint, byte*, byte*, int, int>)
                exports["secp256k1_ecdsa_recoverable_signature_parse_compact"];
            _recover = (delegate* unmanaged<nint, byte*, byte*, byte*, int>)exports["secp256k1_ecdsa_recover"];
        }
        else
        {
            _withoutModule = new BouncySecp256k1();
        }

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

    public override string Name =>
        _withoutModule is null ? "libsecp256k1" : "libsecp256k1 without recovery, which BouncyCastle does";

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

    public override bool TryDeriveCoordinates(ReadOnlySpan<byte> privateKey, Span<byte> coordinates)
    {
        byte* key = stackalloc byte[OpaqueLength];
        fixed (byte* d = privateKey)
        {
            return _createKey(_context, key, d) == 1 && TryWriteCoordinates(key, coordinates);
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

    public override void SignRecoverable(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        if (_withoutModule is not null)
        {
            _withoutModule.SignRecoverable(privateKey, digest, signature);
            return;
        }

        byte* made = stackalloc byte[OpaqueRecoverableLength];
        int v;
        fixed (byte* d = privateKey, h = digest, s = signature)
        {
            if (_signRecoverable(_context, made, h, d, 0, 0) != 1
                || _serializeRecoverable(_context, s, &v, made) != 1 || v > 1)
            {
                throw new CryptographicException($"{Name} could not sign.");
            }

            s[CompactLength] = (byte)v;
        }
    }

    public override bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, Span<byte> coordinates)
    {
        if (_withoutModule is not null)
        {
            return _withoutModule.TryRecover(digest, signature, coordinates);
        }

        byte* parsed = stackalloc byte[OpaqueRecoverableLength];
        byte* key = stackalloc byte[OpaqueLength];
        byte v = signature[CompactLength];
        fixed (byte* h = digest, s = signature)
        {
            return v <= 1
                && _parseRecoverable(_context, parsed, s, v) == 1
                && _recover(_context, key, parsed, h) == 1
                && TryWriteCoordinates(key, coordinates);
        }
    }

    private bool TryWriteCoordinates(byte* key, Span<byte> coordinates)
    {
        // 04, X, Y
        byte* point = stackalloc byte[1 + CoordinatesLength];
        nuint length = 1 + CoordinatesLength;
        bool written = _serializeKey(_context, point, &length, key, Uncompressed) == 1;
        new ReadOnlySpan<byte>(point + 1, CoordinatesLength).CopyTo(coordinates);
        return written;
    }
}
