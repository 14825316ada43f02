namespace Pmq.Agent.Configuration;

/// <summary>What went wrong with a file, in a few words that leave out the path, which the caller names.</summary>
internal static class FileFault
{
    /// <summary>
    /// What is wrong with the mode of the file that <paramref name="setting"/> names and that holds a secret; null if
    /// others than its owner and group cannot read it.
    /// </summary>
    public static string? OpenToOthers(SettingValue setting) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode((string)setting.Value!) & UnixFileMode.OtherRead) != 0
            ? $"{setting.Label}: everyone on this machine can read it; its mode should be 0600"
            : null;

    /// <summary>Describes <paramref name="fault"/>.</summary>
    public static string Describe(Exception fault) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "permission denied, or it is a directory",
        PathTooLongException => "the path is too long",
        _ => fault.Message.ReplaceLineEndings(" ").Trim(),
    };
}
