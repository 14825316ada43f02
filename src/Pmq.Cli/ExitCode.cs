namespace Pmq.Cli;

/// <summary>The exit codes.</summary>
internal static class ExitCode
{
    /// <summary>It did what was asked, or was told to stop.</summary>
    public const int Success = 0;

    /// <summary>It failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;
}
