using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Pmq.Testing.Processes;

/// <summary>
/// An npm project of the tests, restored from its lock file. The first test of any assembly that needs it runs
/// <c>npm ci</c>; the others wait for it and find it done.
/// </summary>
public sealed class NpmProject
{
    private const int RestoreMinutes = 10;
    private static readonly ConcurrentDictionary<string, Lazy<NpmProject>> Projects = new();

    private NpmProject(string directory) => Directory = directory;

    /// <summary>The js peers of the tests: <c>tests/js-peers</c>.</summary>
    /// <exception cref="InvalidOperationException">npm is not installed or fails; the message has what it said.</exception>
    public static NpmProject JsPeers => In("tests", "js-peers");

    /// <summary>Where the project is.</summary>
    public string Directory { get; }

    /// <summary>The Node.js that the project brings, by major version (22 or 24); the machine's own where it brings none.</summary>
    public string Node(int major = 24)
    {
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        string node = Path.Combine(Directory, "node_modules", $"node{major}-linux-{architecture}", "bin", "node");
        return File.Exists(node) ? node : "node";
    }

    /// <summary>Starts a script of the project.</summary>
    /// <param name="script">Its path in the project.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="major">The major version of Node.js.</param>
    /// <param name="environment">Variables added to the test's own.</param>
    /// <param name="takeOutput">As for <see cref="ChildProcess.Start"/>.</param>
    public ChildProcess StartScript(
        string script,
        IEnumerable<string>? arguments = null,
        int major = 24,
        IReadOnlyDictionary<string, string?>? environment = null,
        Func<string, bool>? takeOutput = null) =>
        ChildProcess.Start(Node(major), [script, .. arguments ?? []], Directory, environment, takeOutput);

    /// <summary>The project in a directory of the repository.</summary>
    /// <param name="directory">The names from the repository's root down.</param>
    /// <exception cref="InvalidOperationException">
    /// npm fails, or is not installed; then the inner exception is a <see cref="System.ComponentModel.Win32Exception"/>.
    /// </exception>
    public static NpmProject In(params string[] directory) => Projects.GetOrAdd(
        Repository.Path(directory), static path => new Lazy<NpmProject>(() => Restore(path))).Value;

    private static NpmProject Restore(string directory)
    {
        byte[] wanted = SHA256.HashData(File.ReadAllBytes(Path.Combine(directory, "package-lock.json")));
        string stamp = Path.Combine(directory, "node_modules", ".restored");

        // A named mutex belongs to a thread: everything under it is synchronous.
        string name = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(directory)))[..16];
        using var mutex = new Mutex(initiallyOwned: false, $"Global\\pmq-npm-{name}");
        try
        {
            if (!mutex.WaitOne(TimeSpan.FromMinutes(RestoreMinutes)))
            {
                throw new InvalidOperationException($"another process has been restoring {directory} for {RestoreMinutes} minutes");
            }
        }
        catch (AbandonedMutexException)
        {
            // Its owner died in the middle: the stamp tells whether it had finished.
        }

        try
        {
            if (!File.Exists(stamp) || !wanted.AsSpan().SequenceEqual(File.ReadAllBytes(stamp)))
            {
                RunNpm(directory);
                File.WriteAllBytes(stamp, wanted);
            }
        }
        finally
        {
            mutex.ReleaseMutex();
        }

        return new NpmProject(directory);
    }

    private static void RunNpm(string directory)
    {
        var info = new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process npm;
        try
        {
            npm = Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("npm was not found on the PATH: install Node.js", e);
        }

        using (npm)
        {
            var errors = npm.StandardError.ReadToEndAsync();
            var output = npm.StandardOutput.ReadToEndAsync();
            if (!npm.WaitForExit(TimeSpan.FromMinutes(RestoreMinutes)))
            {
                npm.Kill(entireProcessTree: true);
                throw new InvalidOperationException($"npm ci in {directory} did not end within {RestoreMinutes} minutes");
            }

            if (npm.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"npm ci in {directory} ended with {npm.ExitCode}:\n{output.Result}\n{errors.Result}");
            }
        }
    }
}
