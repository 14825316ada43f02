using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Pmq.Core.Cryptography;

/// <summary>Ed25519 and X25519 by the EVP interface of OpenSSL's libcrypto, 1.1.1 or later.</summary>
internal sealed unsafe class LibCrypto : Curve25519Provider
{
    private const int X25519 = 1034; // EVP_PKEY_X25519
    private const int Ed25519 = 1087; // EVP_PKEY_ED25519

    private readonly delegate* unmanaged<int, nint, byte*, nuint, nint> _newPrivateKey;
    private readonly delegate* unmanaged<int, nint, byte*, nuint, nint> _newPublicKey;
    private readonly delegate* unmanaged<nint, byte*, nuint*, int> _getPublicKey;
    private readonly delegate* unmanaged<nint, void> _freeKey;
    private readonly delegate* unmanaged<nint> _newDigest;
    private readonly delegate* unmanaged<nint, void> _freeDigest;
    private readonly delegate* unmanaged<nint, nint, nint, nint, nint, int> _signInit;
    private readonly delegate* unmanaged<nint, byte*, nuint*, byte*, nuint, int> _sign;
    private readonly delegate* unmanaged<nint, nint, nint, nint, nint, int> _verifyInit;
    private readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int> _verify;
    private readonly delegate* unmanaged<nint, nint, nint> _newContext;
    private readonly delegate* unmanaged<nint, void> _freeContext;
    private readonly delegate* unmanaged<nint, int> _deriveInit;
    private readonly delegate* unmanaged<nint, nint, int> _deriveSetPeer;
    private readonly delegate* unmanaged<nint, byte*, nuint*, int> _derive;
    private readonly delegate* unmanaged<void> _clearErrors;

    private LibCrypto(NativeExports exports)
    {
        _newPrivateKey = (delegate* unmanaged<int, nint, byte*, nuint, nint>)exports["EVP_PKEY_new_raw_private_key"];
        _newPublicKey = (delegate* unmanaged<int, nint, byte*, nuint, nint>)exports["EVP_PKEY_new_raw_public_key"];
        _getPublicKey = (delegate* unmanaged<nint, byte*, nuint*, int>)exports["EVP_PKEY_get_raw_public_key"];
        _freeKey = (delegate* unmanaged<nint, void>)exports["EVP_PKEY_free"];
        _newDigest = (delegate* unmanaged<nint>)exports["EVP_MD_CTX_new"];
        _freeDigest = (delegate* unmanaged<nint, void>)exports["EVP_MD_CTX_free"];
        _signInit = (delegate* unmanaged<nint, nint, nint, nint, nint, int>)exports["EVP_DigestSignInit"];
        _sign = (delegate* unmanaged<nint, byte*, nuint*, byte*, nuint, int>)exports["EVP_DigestSign"];
        _verifyInit = (delegate* unmanaged<nint, nint, nint, nint, nint, int>)exports["EVP_DigestVerifyInit"];
        _verify = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int>)exports["EVP_DigestVerify"];
        _newContext = (delegate* unmanaged<nint, nint, nint>)exports["EVP_PKEY_CTX_new"];
        _freeContext = (delegate* unmanaged<nint, void>)exports["EVP_PKEY_CTX_free"];
        _deriveInit = (delegate* unmanaged<nint, int>)exports["EVP_PKEY_derive_init"];
        _deriveSetPeer = (delegate* unmanaged<nint, nint, int>)exports["EVP_PKEY_derive_set_peer"];
        _derive = (delegate* unmanaged<nint, byte*, nuint*, int>)exports["EVP_PKEY_derive"];
        _clearErrors = (delegate* unmanaged<void>)exports["ERR_clear_error"];

        // const char *OpenSSL_version(OPENSSL_VERSION = 0), as "OpenSSL 3.0.19 27 Jan 2026".
        var version = (delegate* unmanaged<int, byte*>)exports["OpenSSL_version"];
        string[] words = (Marshal.PtrToStringUTF8((nint)version(0)) ?? string.Empty).Split(' ');
        Name = "libcrypto " + (words.Length > 1 ? words[1] : "?");
    }

    public override string Name { get; }

    public static LibCrypto? TryLoad()
    {
        if (NativeExports.TryLoad(
                "EVP_PKEY_new_raw_private_key",
                "libcrypto.so.3", "libcrypto.so", "libcrypto.so.1.1", "libcrypto.3.dylib",
                "libcrypto-3-x64.dll") is not { } exports)
        {
            return null;
        }

        // As the runtime does: no clean-up at exit, since threads may still be inside the library then. The first call
        // decides, and it may be ours. int OPENSSL_init_crypto(uint64_t opts, settings)
        const ulong NoAtExit = 0x0008_0000; // OPENSSL_INIT_NO_ATEXIT
        var init = (delegate* unmanaged<ulong, nint, int>)exports["OPENSSL_init_crypto"];
        return init(NoAtExit, 0) == 1 ? new LibCrypto(exports) : null;
    }

    public override bool VerifyEd25519(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        byte nothing = 0;
        fixed (byte* k = publicKey, m = message, s = signature)
        {
            nint key = _newPublicKey(Ed25519, 0, k, (nuint)publicKey.Length);
            nint digest = key == 0 ? 0 : _newDigest();
            bool valid = digest != 0
                && _verifyInit(digest, 0, 0, 0, key) == 1
                && _verify(digest, s, (nuint)signature.Length, m == null ? &nothing : m, (nuint)message.Length) == 1;
            _freeDigest(digest);
            _freeKey(key);
            return valid || Failed();
        }
    }

    public override Ed25519Signer CreateSigner(ReadOnlySpan<byte> seed) => new Signer(this, seed);

    public override X25519PrivateKey CreateAgreementKey(ReadOnlySpan<byte> privateKey) =>
        new Agreement(this, privateKey);

    // The runtime's own calls share this thread's error queue: nothing of ours stays in it.
    private bool Failed()
    {
        _clearErrors();
        return false;
    }

    private Key NewPrivateKey(int type, ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        fixed (byte* s = secret, p = publicKey)
        {
            nuint length = (nuint)publicKey.Length;
            nint handle = _newPrivateKey(type, 0, s, (nuint)secret.Length);
            if (handle == 0 || _getPublicKey(handle, p, &length) != 1)
            {
                _freeKey(handle);
                Failed();
                throw new CryptographicException($"{Name} could not make a key.");
            }

            return new Key(this, handle);
        }
    }

    /// <summary>An EVP_PKEY; libcrypto erases it when it is freed.</summary>
    private sealed class Key : SafeHandle
    {
        private readonly LibCrypto _library;

        public Key(LibCrypto library, nint handle)
            : base(0, ownsHandle: true)
        {
            _library = library;
            SetHandle(handle);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            _library._freeKey(handle);
            return true;
        }
    }

    private sealed class Signer : Ed25519Signer
    {
        private readonly LibCrypto _library;
        private readonly Key _key;

        public Signer(LibCrypto library, ReadOnlySpan<byte> seed)
        {
            _library = library;
            _key = library.NewPrivateKey(Ed25519, seed, PublicKey);
        }

        public override void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
        {
            byte nothing = 0;
            nint digest = 0;
            bool held = false;
            try
            {
                _key.DangerousAddRef(ref held);
                digest = _library._newDigest();
                nuint length = (nuint)signature.Length;
                fixed (byte* m = message, s = signature)
                {
                    if (digest == 0
                        || _library._signInit(digest, 0, 0, 0, _key.DangerousGetHandle()) != 1
                        || _library._sign(digest, s, &length, m == null ? &nothing : m, (nuint)message.Length) != 1)
                    {
                        _library.Failed();
                        throw new CryptographicException($"{_library.Name} could not sign.");
                    }
                }
            }
            finally
            {
                _library._freeDigest(digest);
                if (held)
                {
                    _key.DangerousRelease();
                }
            }
        }

        public override void Dispose() => _key.Dispose();
    }

    private sealed class Agreement : X25519PrivateKey
    {
        private readonly LibCrypto _library;
        private readonly Key _key;

        public Agreement(LibCrypto library, ReadOnlySpan<byte> privateKey)
        {
            _library = library;
            _key = library.NewPrivateKey(X25519, privateKey, PublicKeyBuffer);
        }

        public override void Dispose() => _key.Dispose();

        private protected override bool AgreeCore(ReadOnlySpan<byte> peerPublicKey, Span<byte> shared)
        {
            nint peer = 0;
            nint context = 0;
            bool held = false;
            try
            {
                _key.DangerousAddRef(ref held);
                nuint length = (nuint)shared.Length;
                fixed (byte* p = peerPublicKey, s = shared)
                {
                    peer = _library._newPublicKey(X25519, 0, p, (nuint)peerPublicKey.Length);
                    context = _library._newContext(_key.DangerousGetHandle(), 0);
                    return (peer != 0 && context != 0
                        && _library._deriveInit(context) == 1
                        && _library._deriveSetPeer(context, peer) == 1
                        && _library._derive(context, s, &length) == 1
                        && length == KeyLength) || _library.Failed();
                }
            }
            finally
            {
                _library._freeContext(context);
                _library._freeKey(peer);
                if (held)
                {
                    _key.DangerousRelease();
                }
            }
        }
    }
}
