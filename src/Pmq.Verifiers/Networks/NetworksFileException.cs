namespace Pmq.Verifiers.Networks;

/// <summary>The networks file is not usable. The message is one line: file, line, key, value and what would be right.</summary>
public sealed class NetworksFileException(string message, Exception? innerException = null)
    : Exception(message, innerException);
