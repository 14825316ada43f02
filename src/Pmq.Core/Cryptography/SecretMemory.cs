using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Pmq.Core.Cryptography;

/// <summary>
/// Secret bytes outside the managed heap: the collector never copies them, and they are erased when the handle is
/// disposed and no call uses them any more.
/// </summary>
internal sealed unsafe class SecretMemory : SafeHandle
{
    private readonly int _length;

    public SecretMemory(int length)
        : base(0, ownsHandle: true)
    {
        _length = length;
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)length));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// The bytes; only before anyone can dispose: else by <see cref="Hold"/>.
    /// </summary>
    public byte* Pointer => (byte*)handle;

    public Span<byte> Span => new((void*)handle, _length);

    /// <summary>Keeps the bytes until the result is disposed, even where the handle is disposed first.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed already.</exception>
    public Use Hold() => new(this);

    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(Span);
        NativeMemory.Free((void*)handle);
        return true;
    }

    /// <summary>The bytes while they are in use.</summary>
    public readonly ref struct Use
    {
        private readonly SecretMemory _memory;

        internal Use(SecretMemory memory)
        {
            bool held = false;
            memory.DangerousAddRef(ref held);
            _memory = memory;
        }

        public Span<byte> Span => _memory.Span;

        public byte* Pointer => _memory.Pointer;

        public void Dispose() => _memory.DangerousRelease();
    }
}
