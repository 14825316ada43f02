namespace Pmq.Agent.Configuration;

/// <summary>What went wrong with a file, in a few words that leave out the path, which the caller names.</summary>
internal static class FileFault
{
    /// <summary>Describes <paramref name="fault"/>.</summary>
    public static string Describe(Exception fault) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "permission denied, or it is a directory",
        PathTooLongException => "the path is too long",
        _ => fault.Message.ReplaceLineEndings(" ").Trim(),
    };
}
