namespace Pmq.Verifiers.Networks;

/// <summary>
/// Which file holds the networks, and how it is watched. The callbacks run one at a time on the watch's own task; the
/// watch goes on when one throws, and the first that was thrown comes out of <see cref="NetworksFile.DisposeAsync"/>.
/// </summary>
public sealed record NetworksFileOptions
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// How often it is looked at; a change is taken once two looks have found the same. Default 2 s (arbitrary).
    /// </summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Called with the new keyring after each change that was taken.</summary>
    public Action<Keyring>? OnChanged { get; init; }

    /// <summary>Called once for each change that was refused, be it that the file is gone.</summary>
    public Action<NetworksFileException>? OnRefused { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
