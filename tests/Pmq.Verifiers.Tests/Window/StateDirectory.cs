using System.Globalization;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>A directory for a store of marks, and copies of it as a crash would leave it.</summary>
internal sealed class StateDirectory : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pmq-marks-").FullName;
    private int _copies;

    public StateDirectory() => Directory.CreateDirectory(Path);

    public string Path => System.IO.Path.Combine(_root, "state");

    public string File => System.IO.Path.Combine(Path, "marks.json");

    public FileMarkStore Open(Action<MarkFileStep>? onStep = null) =>
        FileMarkStore.Open(new FileMarkStoreOptions { Directory = Path }, onStep);

    public void Write(string text) => System.IO.File.WriteAllText(File, text);

    public string Read() => System.IO.File.ReadAllText(File);

    /// <summary>Copies the directory as it is now, without the lock, which ends with its process.</summary>
    public string Copy()
    {
        string copy = System.IO.Path.Combine(_root, (++_copies).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(Path, "marks.*"))
        {
            // Opened so that it can be read while the store writes it.
            using FileStream from = new(
                file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            string name = System.IO.Path.GetFileName(file);
            using FileStream to = new(System.IO.Path.Combine(copy, name), FileMode.CreateNew);
            from.CopyTo(to);
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
