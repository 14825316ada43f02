using System.Runtime.ExceptionServices;
using System.Security.Cryptography;

namespace Pmq.Verifiers.Networks;

/// <summary>
/// The keyring that a YAML or JSON file holds, read again when the file changes. A file with a mistake is refused
/// whole, and the keyring before it stays in force.
/// </summary>
/// <remarks>
/// A change is what differs in content, so that a file moved into place and a symbolic link that is switched count, and
/// a new time does not. It is taken once two looks in a row have found the same content: a file that is being written
/// is not taken for one that lacks networks.
/// </remarks>
public sealed class NetworksFile : IKeyringSource, IAsyncDisposable
{
    /// <summary>The largest file (arbitrary, may be raised): a larger one is a mistake in the path.</summary>
    internal const int MaxFileBytes = 16 * 1024 * 1024;

    private readonly NetworksFileOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _watching;
    private volatile Keyring _current;
    private Look _settled;
    private Look _last;
    private int _disposed;

    private NetworksFile(NetworksFileOptions options, Keyring current, Look look)
    {
        _options = options;
        _current = current;
        _settled = _last = look;
        _watching = WatchAsync(_stopping.Token);
    }

    /// <inheritdoc />
    public Keyring Current => _current;

    /// <summary>Reads the file and watches it.</summary>
    /// <exception cref="NetworksFileException">
    /// It cannot be read, or holds a mistake: line, key and what is right.
    /// </exception>
    /// <exception cref="ArgumentException">The poll interval is not positive.</exception>
    public static NetworksFile Open(NetworksFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.PollInterval, TimeSpan.Zero);
        Look look = Look.At(options.Path);
        return new NetworksFile(options, look.Read(options.Path), look.WithoutContent());
    }

    /// <summary>Ends the watch; a callback that is running is waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            _stopping.Dispose();
        }

        await _watching.ConfigureAwait(false);
    }

    /// <summary>Looks at the file once.</summary>
    internal void Poll()
    {
        Look look = Look.At(_options.Path);
        bool isSteady = look.IsSame(_last);
        _last = look.WithoutContent();
        if (!isSteady || look.IsSame(_settled))
        {
            return;
        }

        _settled = _last;
        Keyring keyring;
        try
        {
            keyring = look.Read(_options.Path);
        }
        catch (NetworksFileException e)
        {
            _options.OnRefused?.Invoke(e);
            return;
        }

        _current = keyring;
        _options.OnChanged?.Invoke(keyring);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.PollInterval, _options.TimeProvider);
        ExceptionDispatchInfo? fault = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    Poll();
                }
                catch (Exception e)
                {
                    // A callback that fails must not leave keys in force that the file has taken out.
                    fault ??= ExceptionDispatchInfo.Capture(e);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            fault?.Throw();
        }
    }

    /// <summary>What one look at the file found: content, or why there is none.</summary>
    private sealed record Look(string State, byte[]? Content)
    {
        public static Look At(string path)
        {
            try
            {
                using FileStream stream = File.OpenRead(path);
                byte[] content = new byte[Math.Min(stream.CanSeek ? stream.Length + 1 : 4096, MaxFileBytes + 1)];
                int length = 0;
                int read;
                while ((read = stream.Read(content, length, content.Length - length)) > 0)
                {
                    length += read;
                    if (length > MaxFileBytes)
                    {
                        return Unusable($"is larger than the {MaxFileBytes} bytes allowed");
                    }

                    if (length == content.Length)
                    {
                        Array.Resize(ref content, (int)Math.Min(2L * length, MaxFileBytes + 1));
                    }
                }

                Array.Resize(ref content, length);
                return new Look(Convert.ToHexStringLower(SHA256.HashData(content)), content);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
                or NotSupportedException)
            {
                return Unusable("cannot be read: " + Describe(e));
            }
        }

        public bool IsSame(Look other) => State == other.State;

        public Look WithoutContent() => this with { Content = null };

        public Keyring Read(string path) => Content is null
            ? throw new NetworksFileException($"{path}: {State}")
            : NetworksReader.Read(path, Content);

        private static Look Unusable(string why) => new(why, null);

        private static string Describe(Exception fault) => fault switch
        {
            FileNotFoundException or DirectoryNotFoundException => "no such file",
            UnauthorizedAccessException => "permission denied, or it is a directory",
            PathTooLongException => "the path is too long",
            _ => fault.Message.ReplaceLineEndings(" ").Trim(),
        };
    }
}
