using System.Xml.Linq;

namespace Pmq.Architecture.Tests;

/// <summary>The files of the repository that the tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = ["bin", "obj", "artifacts", "node_modules"];

    public static string Root { get; } = FindRoot();

    /// <summary>The project files of src, by project name.</summary>
    public static IReadOnlyDictionary<string, XDocument> Projects { get; } =
        Files("src", "*.csproj").ToDictionary(f => Path.GetFileNameWithoutExtension(f), f => XDocument.Load(f));

    /// <summary>The files under <paramref name="folder"/> that people write, in ordinal order.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(f => !Relative(f).Split('/').Any(Skipped.Contains))
            .Order(StringComparer.Ordinal);

    /// <summary>The path from the root, with forward slashes.</summary>
    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pmq.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Pmq.slnx above {AppContext.BaseDirectory}.");
    }
}
