namespace Pmq.Testing;

/// <summary>Where the sources are: tests find peers, protos and executables from here.</summary>
public static class Repository
{
    /// <summary>The directory that holds <c>Pmq.slnx</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>A path below <see cref="Root"/>.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Pmq.slnx")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"Pmq.slnx is in no directory above {AppContext.BaseDirectory}");
    }
}
