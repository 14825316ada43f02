using System.Runtime.InteropServices;

namespace Pmq.Core.Cryptography;

/// <summary>The exports of a native library that is looked for at run time under several names.</summary>
internal readonly struct NativeExports
{
    private readonly nint _library;

    private NativeExports(nint library) => _library = library;

    /// <summary>Loads the first of <paramref name="names"/> that has the export <paramref name="probe"/>.</summary>
    public static NativeExports? TryLoad(string probe, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                if (NativeLibrary.TryGetExport(library, probe, out _))
                {
                    return new NativeExports(library);
                }

                NativeLibrary.Free(library);
            }
        }

        return null;
    }

    /// <summary>The address of an export.</summary>
    /// <exception cref="EntryPointNotFoundException">The library lacks it.</exception>
    public nint this[string export] => NativeLibrary.GetExport(_library, export);

    /// <summary>Whether the library has it.</summary>
    public bool Has(string export) => NativeLibrary.TryGetExport(_library, export, out _);
}
