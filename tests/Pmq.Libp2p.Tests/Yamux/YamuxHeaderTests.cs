using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

public sealed class YamuxHeaderTests
{
    [Theory]
    [InlineData("000000010000000100000005", YamuxFrameType.Data, YamuxFlags.Syn, 1u, 5u)]
    [InlineData("000100020000000200040000", YamuxFrameType.WindowUpdate, YamuxFlags.Ack, 2u, 262144u)]
    [InlineData("0002000100000000deadbeef", YamuxFrameType.Ping, YamuxFlags.Syn, 0u, 0xDEADBEEFu)]
    [InlineData("000300000000000000000001", YamuxFrameType.GoAway, YamuxFlags.None, 0u, 1u)]
    [InlineData("00010008ffffffff00000000", YamuxFrameType.WindowUpdate, YamuxFlags.Rst, uint.MaxValue, 0u)]
    public void Headers_have_the_bytes_of_the_specification(
        string hex, object type, object flags, uint id, uint length)
    {
        var header = new YamuxHeader((YamuxFrameType)type, (YamuxFlags)flags, id, length);
        var bytes = new byte[YamuxHeader.Size];
        header.Write(bytes);

        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.Equal(YamuxViolation.None, YamuxHeader.Read(bytes, out YamuxHeader read));
        Assert.Equal(header, read);
    }

    [Fact]
    public void Another_version_or_an_unknown_type_is_refused()
    {
        byte[] version = Convert.FromHexString("010000000000000100000000");
        byte[] type = Convert.FromHexString("000400000000000100000000");

        Assert.Equal(YamuxViolation.UnknownVersion, YamuxHeader.Read(version, out _));
        Assert.Equal(YamuxViolation.UnknownFrameType, YamuxHeader.Read(type, out _));
    }
}
