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
    /// The bytes; only between <see cref="SafeHandle.DangerousAddRef"/> and release, or before anyone disposes.
    /// </summary>
    public byte* Pointer => (byte*)handle;

    public Span<byte> Span => new((void*)handle, _length);

    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(Span);
        NativeMemory.Free((void*)handle);
        return true;
    }
}
