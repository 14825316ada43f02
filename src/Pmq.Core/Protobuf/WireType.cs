namespace Pmq.Core.Protobuf;

/// <summary>How a protobuf field is encoded.</summary>
public enum WireType
{
    /// <summary>LEB128, up to 10 bytes.</summary>
    Varint = 0,

    /// <summary>Eight bytes, little endian.</summary>
    Fixed64 = 1,

    /// <summary>A varint length, then the bytes.</summary>
    LengthDelimited = 2,

    /// <summary>Four bytes, little endian.</summary>
    Fixed32 = 5,
}
