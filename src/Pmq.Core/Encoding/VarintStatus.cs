namespace Pmq.Core.Encoding;

/// <summary>The outcome of reading a varint.</summary>
public enum VarintStatus
{
    /// <summary>A value was read.</summary>
    Done,

    /// <summary>The bytes end in the middle of it.</summary>
    NeedMoreData,

    /// <summary>More than 63 bits.</summary>
    TooLong,

    /// <summary>Not the shortest encoding of its value.</summary>
    NotMinimal,
}
