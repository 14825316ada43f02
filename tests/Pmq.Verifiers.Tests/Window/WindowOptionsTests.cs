using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

public sealed class WindowOptionsTests
{
    public static TheoryData<WindowOptions, string, string> Faults() => new()
    {
        {
            new() { SkipThreshold = 0 },
            nameof(WindowOptions.SkipThreshold),
            "SkipThreshold is 0; it is at least 1 and at most 9223372036854775807"
        },
        {
            new() { SkipThreshold = 1001 },
            nameof(WindowOptions.SkipThreshold),
            "SkipThreshold is 1001; it is at most ValidityThreshold, which is 1000"
        },
        {
            new() { SkipThreshold = 9, MaxRemembered = 8 },
            nameof(WindowOptions.SkipThreshold),
            "SkipThreshold is 9; it is at most MaxRemembered, which is 8"
        },
        {
            new() { ValidityThreshold = -1 },
            nameof(WindowOptions.ValidityThreshold),
            "ValidityThreshold is -1; it is at least 1 and at most 9223372036854775807"
        },
        {
            new() { FutureBound = 0 },
            nameof(WindowOptions.FutureBound),
            "FutureBound is 0; it is at least 1 and at most 9223372036854775807"
        },
        {
            new() { InStepSpan = default },
            nameof(WindowOptions.InStepSpan),
            "InStepSpan is 00:00:00; it is at least 00:00:00.0010000 and at most 1.00:00:00"
        },
        {
            new() { SettlingSpan = TimeSpan.FromHours(1) },
            nameof(WindowOptions.SettlingSpan),
            "SettlingSpan is 01:00:00; it is at least 00:00:00 and at most 00:01:00"
        },
        {
            new() { MoveCount = 1 },
            nameof(WindowOptions.MoveCount),
            "MoveCount is 1; it is at least 2 and at most 64"
        },
        {
            new() { MaxRuns = 1 },
            nameof(WindowOptions.MaxRuns),
            "MaxRuns is 1; it is at least 2 and at most 1024"
        },
        {
            new() { MaxHeld = 0 },
            nameof(WindowOptions.MaxHeld),
            "MaxHeld is 0; it is at least 1 and at most 65536"
        },
        {
            new() { MaxHeldBytes = 0 },
            nameof(WindowOptions.MaxHeldBytes),
            "MaxHeldBytes is 0; it is at least 1 and at most 1073741824"
        },
        {
            new() { MaxRemembered = 0 },
            nameof(WindowOptions.MaxRemembered),
            "MaxRemembered is 0; it is at least 1 and at most 1048576"
        },
        {
            new() { MaxRememberedBytes = -1 },
            nameof(WindowOptions.MaxRememberedBytes),
            "MaxRememberedBytes is -1; it is at least 0 and at most 1073741824"
        },
        {
            new() { MaxEquivocations = 0 },
            nameof(WindowOptions.MaxEquivocations),
            "MaxEquivocations is 0; it is at least 1 and at most 65536"
        },
        {
            new() { MaxEquivocationBytes = -1 },
            nameof(WindowOptions.MaxEquivocationBytes),
            "MaxEquivocationBytes is -1; it is at least 0 and at most 1073741824"
        },
    };

    [Fact]
    public void The_defaults_fit() => Assert.Empty(new WindowOptions().Validate());

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_does_not_fit_is_named_with_its_value_and_what_is_right(
        WindowOptions options, string option, string message)
    {
        Assert.Equal(new WindowOptionFault(option, message), Assert.Single(options.Validate()));
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new SequenceWindow(options, null));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }
}
