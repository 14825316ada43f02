using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

public sealed class WindowOptionsTests
{
    public static TheoryData<WindowOptions, string, string> Faults() => new()
    {
        { new() { SkipThreshold = 0 }, "skipThreshold", "skipThreshold is 0; it is at least 1 and at most 9223372036854775807" },
        { new() { SkipThreshold = 1001 }, "skipThreshold", "skipThreshold is 1001; it is at most validityThreshold, which is 1000" },
        { new() { SkipThreshold = 9, MaxRemembered = 8 }, "skipThreshold", "skipThreshold is 9; it is at most maxRemembered, which is 8" },
        { new() { ValidityThreshold = -1 }, "validityThreshold", "validityThreshold is -1; it is at least 1 and at most 9223372036854775807" },
        { new() { FutureBound = 0 }, "futureBound", "futureBound is 0; it is at least 1 and at most 9223372036854775807" },
        { new() { InStepSpan = default }, "inStepSpan", "inStepSpan is 00:00:00; it is at least 00:00:00.0010000 and at most 1.00:00:00" },
        { new() { SettlingSpan = TimeSpan.FromHours(1) }, "settlingSpan", "settlingSpan is 01:00:00; it is at least 00:00:00 and at most 00:01:00" },
        { new() { MoveCount = 1 }, "moveCount", "moveCount is 1; it is at least 2 and at most 64" },
        { new() { MaxRuns = 0 }, "maxRuns", "maxRuns is 0; it is at least 1 and at most 1024" },
        { new() { MaxHeld = 0 }, "maxHeld", "maxHeld is 0; it is at least 1 and at most 65536" },
        { new() { MaxHeldBytes = 0 }, "maxHeldBytes", "maxHeldBytes is 0; it is at least 1 and at most 1073741824" },
        { new() { MaxRemembered = 0 }, "maxRemembered", "maxRemembered is 0; it is at least 1 and at most 1048576" },
        { new() { MaxRememberedBytes = -1 }, "maxRememberedBytes", "maxRememberedBytes is -1; it is at least 0 and at most 1073741824" },
        { new() { MaxEquivocations = 0 }, "maxEquivocations", "maxEquivocations is 0; it is at least 1 and at most 65536" },
        { new() { MaxEquivocationBytes = -1 }, "maxEquivocationBytes", "maxEquivocationBytes is -1; it is at least 0 and at most 1073741824" },
    };

    [Fact]
    public void The_defaults_fit() => Assert.Empty(new WindowOptions().Validate());

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_does_not_fit_is_named_with_its_key_its_value_and_what_is_right(
        WindowOptions options, string key, string message)
    {
        Assert.Equal(new WindowOptionFault(key, message), Assert.Single(options.Validate()));
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new SequenceWindow(options, null)).Message, StringComparison.Ordinal);
    }
}
