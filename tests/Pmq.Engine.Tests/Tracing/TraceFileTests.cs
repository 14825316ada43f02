using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pmq.Core.Identity;
using Pmq.Engine.Tracing;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Tracing;
using Pmq.Testing;

namespace Pmq.Engine.Tests.Tracing;

/// <summary>A trace file is bounded in memory and on disk, and a disk that fails costs events, nothing else.</summary>
public sealed class TraceFileTests : IDisposable
{
    private static readonly PeerId Other = PeerId.Parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");

    private readonly string _directory = Directory.CreateTempSubdirectory("pmq-trace").FullName;
    private readonly VirtualTimeProvider _time = new();
    private readonly ListLoggerFactory _logs = new();

    private string Path => System.IO.Path.Combine(_directory, "trace.json");

    [Fact]
    public async Task Events_are_one_line_of_json_each_in_their_order()
    {
        TraceFile file = Open(new TraceOptions());
        file.Trace(TraceEvent.Join("t"));
        file.Trace(TraceEvent.Penalty(Other, Misbehaviour.BrokenPromise, 3));
        file.Trace(TraceEvent.ScoreMoved(Other, -501.5, ScoreBand.Graylisted));
        await file.DisposeAsync();

        string[] lines = await File.ReadAllLinesAsync(Path, PeerHarness.Deadline);
        string time = JsonSerializer.Serialize(_time.GetUtcNow().UtcDateTime);
        Assert.Equal(
            [
                $$"""{"time":{{time}},"event":"JOIN","topic":"t"}""",
                $$"""{"time":{{time}},"event":"PENALTY","peerId":"{{Other}}","misbehaviour":"BrokenPromise","count":3}""",
                $$"""{"time":{{time}},"event":"SCORE_BAND","peerId":"{{Other}}","band":"graylisted","score":-501.5}""",
            ],
            lines);
        Assert.Equal(3, file.Written);
        Assert.Equal(0, file.Dropped);
    }

    [Fact]
    public async Task A_trace_is_for_its_owner_alone_and_so_is_one_that_is_put_aside()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        TraceFile file = Open(new TraceOptions { MaxFileBytes = 1 });
        file.Trace(TraceEvent.Join("first"));
        await WrittenAsync(file, 1);
        file.Trace(TraceEvent.Join("second"));
        await WrittenAsync(file, 2);
        await file.DisposeAsync();

        foreach (string written in new[] { Path, Path + ".1" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(written));
        }
    }

    [Fact]
    public async Task What_finds_no_room_is_dropped_and_counted()
    {
        TraceFile file = Open(new TraceOptions { MaxFileBytes = 1, BufferBytes = 64 * 1024 });
        file.Trace(TraceEvent.Join("first"));
        await WrittenAsync(file, 1);
        Directory.CreateDirectory(Path + ".1");
        file.Trace(TraceEvent.Join("lost"));
        await PeerHarness.Eventually(() => new(file.Dropped == 1 && _time.ArmedTimerCount == 1), "the fault to be counted");

        // The file is left alone until time moves: what comes now waits in the buffer, as far as there is room.
        const int Events = 5000;
        for (int i = 0; i < Events; i++)
        {
            file.Trace(TraceEvent.Join("waits"));
        }

        long dropped = file.Dropped - 1;
        Assert.InRange(dropped, Events / 2, Events - 500);
        Directory.Delete(Path + ".1");
        _time.Advance(TraceFile.RetryDelay);
        await WrittenAsync(file, 1 + Events - dropped);
        await file.DisposeAsync();
        file.Trace(TraceEvent.Join("too late"));

        Assert.Equal(2 + dropped, file.Dropped);
        Assert.InRange(new FileInfo(Path).Length, 64 * 1024, 65 * 1024);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_tried_again_and_cut_back_to_whole_events()
    {
        TraceFile file = Open(new TraceOptions { MaxFileBytes = 1 });
        file.Trace(TraceEvent.Join("first"));
        await WrittenAsync(file, 1);

        // The next event would put the file aside, which a directory of that name prevents.
        Directory.CreateDirectory(Path + ".1");
        file.Trace(TraceEvent.Join("lost"));
        await PeerHarness.Eventually(() => new(file.Dropped == 1 && _time.ArmedTimerCount == 1), "the fault to be counted");
        Directory.Delete(Path + ".1");
        file.Trace(TraceEvent.Join("second"));
        _time.Advance(TraceFile.RetryDelay);
        await WrittenAsync(file, 2);
        await file.DisposeAsync();

        Assert.Contains("second", await File.ReadAllTextAsync(Path, PeerHarness.Deadline), StringComparison.Ordinal);
        Assert.Contains("first", await File.ReadAllTextAsync(Path + ".1", PeerHarness.Deadline), StringComparison.Ordinal);
        Assert.Single(_logs.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.Contains(_logs.Lines, line => line.Contains("written again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_of_an_earlier_start_is_put_aside()
    {
        await File.WriteAllTextAsync(Path, "half a li", PeerHarness.Deadline);

        TraceFile file = Open(new TraceOptions());
        file.Trace(TraceEvent.Join("t"));
        await file.DisposeAsync();

        Assert.Equal("half a li", await File.ReadAllTextAsync(Path + ".1", PeerHarness.Deadline));
        Assert.Single(await File.ReadAllLinesAsync(Path, PeerHarness.Deadline));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_names_its_setting()
    {
        PmqOptionsException fault = Assert.Throws<PmqOptionsException>(
            () => TraceFile.Open(
                System.IO.Path.Combine(_directory, "no", "where"), "pubsub.trace.jsonFile", new JsonTraceFormat(),
                new TraceOptions(), _time, NullLogger.Instance));

        Assert.Equal("pubsub.trace.jsonFile", fault.Key);
        Assert.Contains("cannot be written", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private TraceFile Open(TraceOptions options) => TraceFile.Open(
        Path, "pubsub.trace.jsonFile", new JsonTraceFormat(), options, _time, _logs.CreateLogger(""));

    private static Task WrittenAsync(TraceFile file, long count) =>
        PeerHarness.Eventually(() => new(file.Written == count), $"{count} events written");
}
