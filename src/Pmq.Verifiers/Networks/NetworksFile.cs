namespace Pmq.Verifiers.Networks;

/// <summary>
/// The keyring that a YAML or JSON file holds, read again when the file changes. A file with a mistake is refused
/// whole, and the keyring before it stays in force.
/// </summary>
public sealed class NetworksFile : IKeyringSource, IAsyncDisposable
{
    private NetworksFile() => throw new NotImplementedException();

    /// <inheritdoc />
    public Keyring Current => throw new NotImplementedException();

    /// <summary>Reads the file and watches it.</summary>
    /// <exception cref="NetworksFileException">It cannot be read, or holds a mistake: line, key and what is right.</exception>
    public static NetworksFile Open(NetworksFileOptions options) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
