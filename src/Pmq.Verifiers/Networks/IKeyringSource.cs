namespace Pmq.Verifiers.Networks;

/// <summary>Where a verifier takes the keys of networks from: a file, or what the networks announce.</summary>
public interface IKeyringSource
{
    /// <summary>The keyring in force; another one after a change. Read anew for each message. Thread-safe.</summary>
    Keyring Current { get; }
}
