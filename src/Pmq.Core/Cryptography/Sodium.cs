using System.Runtime.InteropServices;

namespace Pmq.Core.Cryptography;

/// <summary>Ed25519 and X25519 by libsodium.</summary>
internal sealed unsafe class Sodium : Curve25519Provider
{
    private readonly delegate* unmanaged<byte*, byte*, byte*, int> _signKeyPair;
    private readonly delegate* unmanaged<byte*, ulong*, byte*, ulong, byte*, int> _sign;
    private readonly delegate* unmanaged<byte*, byte*, ulong, byte*, int> _verify;
    private readonly delegate* unmanaged<byte*, byte*, int> _agreementPublic;
    private readonly delegate* unmanaged<byte*, byte*, byte*, int> _agree;

    private Sodium(NativeExports exports)
    {
        // int crypto_sign_seed_keypair(pk[32], sk[64], seed[32])
        _signKeyPair = (delegate* unmanaged<byte*, byte*, byte*, int>)exports["crypto_sign_seed_keypair"];

        // int crypto_sign_detached(sig[64], *siglen, m, mlen, sk[64])
        _sign = (delegate* unmanaged<byte*, ulong*, byte*, ulong, byte*, int>)exports["crypto_sign_detached"];

        // int crypto_sign_verify_detached(sig[64], m, mlen, pk[32])
        _verify = (delegate* unmanaged<byte*, byte*, ulong, byte*, int>)exports["crypto_sign_verify_detached"];

        // int crypto_scalarmult_base(q[32], n[32]); int crypto_scalarmult(q[32], n[32], p[32])
        _agreementPublic = (delegate* unmanaged<byte*, byte*, int>)exports["crypto_scalarmult_base"];
        _agree = (delegate* unmanaged<byte*, byte*, byte*, int>)exports["crypto_scalarmult"];

        var version = (delegate* unmanaged<byte*>)exports["sodium_version_string"];
        Name = "libsodium " + Marshal.PtrToStringUTF8((nint)version());
    }

    public override string Name { get; }

    public static Sodium? TryLoad()
    {
        // Sonames: .23 since 1.0.13, .26 since 1.0.19.
        if (NativeExports.TryLoad(
                "crypto_sign_verify_detached",
                "libsodium.so.23", "libsodium.so.26", "libsodium.so", "libsodium.dylib",
                "libsodium.dll") is not { } exports)
        {
            return null;
        }

        // Chooses the fastest code for this processor; 0 the first time, 1 afterwards, -1 on failure.
        var init = (delegate* unmanaged<int>)exports["sodium_init"];
        return init() < 0 ? null : new Sodium(exports);
    }

    public override bool VerifyEd25519(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        byte nothing = 0;
        fixed (byte* key = publicKey, m = message, s = signature)
        {
            return _verify(s, m == null ? &nothing : m, (ulong)message.Length, key) == 0;
        }
    }

    public override Ed25519Signer CreateSigner(ReadOnlySpan<byte> seed) => new Signer(this, seed);

    public override X25519PrivateKey CreateAgreementKey(ReadOnlySpan<byte> privateKey) =>
        new Agreement(this, privateKey);

    private sealed class Signer : Ed25519Signer
    {
        private readonly Sodium _sodium;

        // seed (32) then public key (32), as libsodium has it.
        private readonly SecretMemory _secret = new(64);

        public Signer(Sodium sodium, ReadOnlySpan<byte> seed)
        {
            _sodium = sodium;
            fixed (byte* pk = PublicKey, s = seed)
            {
                _ = sodium._signKeyPair(pk, _secret.Pointer, s);
            }
        }

        public override void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
        {
            byte nothing = 0;
            using SecretMemory.Use secret = _secret.Hold();
            fixed (byte* m = message, s = signature)
            {
                _ = _sodium._sign(s, null, m == null ? &nothing : m, (ulong)message.Length, secret.Pointer);
            }
        }

        public override void Dispose() => _secret.Dispose();
    }

    private sealed class Agreement : X25519PrivateKey
    {
        private readonly Sodium _sodium;
        private readonly SecretMemory _secret = new(KeyLength);

        public Agreement(Sodium sodium, ReadOnlySpan<byte> privateKey)
        {
            _sodium = sodium;
            privateKey.CopyTo(_secret.Span);
            fixed (byte* q = PublicKeyBuffer)
            {
                _ = sodium._agreementPublic(q, _secret.Pointer);
            }
        }

        public override void Dispose() => _secret.Dispose();

        private protected override bool AgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> shared)
        {
            using SecretMemory.Use secret = _secret.Hold();
            fixed (byte* p = peerPublicKey, q = shared)
            {
                return _sodium._agree(q, secret.Pointer, p) == 0;
            }
        }
    }
}
