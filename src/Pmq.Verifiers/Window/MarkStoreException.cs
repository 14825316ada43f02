namespace Pmq.Verifiers.Window;

/// <summary>Marks cannot be read or kept. The message is one line: the file, what is wrong and what to do.</summary>
public sealed class MarkStoreException(string message, Exception? innerException = null)
    : Exception(message, innerException);
