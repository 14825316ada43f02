using Pmq.Simulation.Links;
using Pmq.Simulation.Messages;

namespace Pmq.Simulation.Tests.Links;

public sealed class LinkTests
{
    private static readonly LinkOptions Exact = new() { Jitter = 0 };

    [Fact]
    public void A_dial_takes_the_handshake_and_a_frame_the_latency()
    {
        (World world, Probe a, Probe b) = Pair(Exact);
        TimeSpan sent = world.Now;
        a.SendTo(b, FrameOf(100));
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["start", "connected 1 Outbound"], a.Events);
        Assert.Equal(["start", "connected 0 Inbound"], b.Events);
        Assert.Equal(sent + Exact.Latency, Assert.Single(b.Frames).At);
    }

    [Fact]
    public void Jitter_stays_within_its_part_and_frames_keep_their_order()
    {
        (World world, Probe a, Probe b) = Pair(new LinkOptions());
        Frame[] frames = SendSpaced(world, a, b, 200);

        Assert.Equal(frames, b.Frames.Select(f => f.Frame));
        Assert.All(Enumerable.Range(0, 200), i => Assert.InRange(
            b.Frames[i].At - TimeSpan.FromMilliseconds(i + 1000), TimeSpan.FromMilliseconds(22.5), TimeSpan.FromMilliseconds(27.5)));
        Assert.NotEqual(b.Frames[0].At - TimeSpan.FromMilliseconds(1000), b.Frames[100].At - TimeSpan.FromMilliseconds(1100));
    }

    [Fact]
    public void Frames_overtake_each_other_where_links_reorder()
    {
        (World world, Probe a, Probe b) = Pair(new LinkOptions { Reorder = true, Jitter = 0.5 });
        Frame[] frames = SendSpaced(world, a, b, 200);

        Assert.Equal(200, b.Frames.Count);
        Assert.NotEqual(frames, b.Frames.Select(f => f.Frame));
    }

    [Fact]
    public void Lost_packets_delay_a_frame_and_what_follows_it()
    {
        (World world, Probe a, Probe b) = Pair(Exact with { PacketLoss = 0.1 });
        Frame[] frames = SendSpaced(world, a, b, 500);

        Assert.Equal(frames, b.Frames.Select(f => f.Frame));
        Assert.Contains(
            Enumerable.Range(0, 500),
            i => b.Frames[i].At - TimeSpan.FromMilliseconds(i + 1000) >= TimeSpan.FromMilliseconds(225));
    }

    [Fact]
    public void An_uplink_sends_one_frame_after_another()
    {
        (World world, Probe a, Probe b) = Pair(Exact with { UplinkBytesPerSecond = 100_000, SendBufferBytes = 1000 });
        TimeSpan begin = world.Now;
        for (int i = 0; i < 100; i++)
        {
            a.SendTo(b, FrameOf(998)); // 1000 with its length.
        }

        world.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(100, b.Frames.Count);
        Assert.Equal(1025, (b.Frames[^1].At - begin).TotalMilliseconds, tolerance: 1);
    }

    [Fact]
    public void A_busy_uplink_serves_its_peers_in_turn()
    {
        World world = new(new WorldOptions { Links = Exact with { UplinkBytesPerSecond = 100_000, SendBufferBytes = 1000, RelayDeadline = TimeSpan.FromHours(1) } });
        Probe[] probes = Started(world, 4);
        for (int i = 1; i < 4; i++)
        {
            probes[0].DialTo(probes[i]);
        }

        world.RunUntil(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 90; i++)
        {
            probes[0].SendTo(probes[1 + (i / 30)], FrameOf(998));
        }

        world.Run(TimeSpan.FromMilliseconds(325)); // Time for 30.

        Assert.All(probes[1..], probe => Assert.InRange(probe.Frames.Count, 8, 13));
        world.Run(TimeSpan.FromSeconds(2));
        Assert.All(probes[1..], probe => Assert.Equal(30, probe.Frames.Count));
    }

    [Fact]
    public void Control_overtakes_publications_and_these_relays_where_frames_wait()
    {
        (World world, Probe a, Probe b) = Pair(Exact);
        World.Clog(a.ConnectionTo(b)!);
        Assert.Equal(SendOutcome.Queued, a.SendTo(b, FrameOf(10), FrameClass.Relay));
        a.SendTo(b, FrameOf(10), FrameClass.Publish);
        a.SendTo(b, FrameOf(10), FrameClass.Control);
        world.Run(TimeSpan.FromMilliseconds(100));
        Assert.Empty(b.Frames);

        world.Unclog(a.ConnectionTo(b)!);
        world.Run(TimeSpan.FromMilliseconds(100));

        Assert.Equal([FrameClass.Control, FrameClass.Publish, FrameClass.Relay], b.Frames.Select(f => f.Class));
    }

    [Fact]
    public void What_waits_is_bounded_in_bytes_and_in_time()
    {
        (World world, Probe a, Probe b) = Pair(Exact with { RelayQueueBytes = 10_000 });
        World.Clog(a.ConnectionTo(b)!);
        SendOutcome[] outcomes = [.. Enumerable.Range(0, 15).Select(_ => a.SendTo(b, FrameOf(998)))];
        world.Run(TimeSpan.FromSeconds(2));
        world.Unclog(a.ConnectionTo(b)!);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(10, outcomes.Count(outcome => outcome == SendOutcome.Queued));
        Assert.Equal(5, world.Frames.Drops(FrameDrop.QueueFull));
        Assert.Equal(10, world.Frames.Drops(FrameDrop.Stale));
        Assert.Empty(b.Frames);
        AssertConserved(world);
    }

    [Fact]
    public void Control_that_piles_up_ends_the_connection()
    {
        (World world, Probe a, Probe b) = Pair(Exact with { ControlQueueBytes = 5000 });
        b.ReadBytesPerSecond = 0;
        for (int i = 0; i < 10; i++)
        {
            a.SendTo(b, FrameOf(998), FrameClass.Control);
        }

        world.Run(TimeSpan.FromSeconds(1));

        Assert.Contains("disconnected 1", a.Events);
        Assert.Contains("disconnected 0", b.Events);
        Assert.Null(a.ConnectionTo(b));
        AssertConserved(world);
    }

    [Fact]
    public void A_slow_reader_takes_frames_at_its_own_pace()
    {
        (World world, Probe a, Probe b) = Pair(Exact with { WindowBytes = 2000, RelayDeadline = TimeSpan.FromHours(1) });
        b.ReadBytesPerSecond = 10_000;
        for (int i = 0; i < 20; i++)
        {
            a.SendTo(b, FrameOf(998));
        }

        Assert.InRange(a.ConnectionTo(b)!.QueuedFrames, 15, 18);
        world.Run(TimeSpan.FromSeconds(1.05));
        Assert.InRange(b.Frames.Count, 9, 11);
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(20, b.Frames.Count);
    }

    [Fact]
    public void A_message_waits_once_and_can_be_taken_back()
    {
        (World world, Probe a, Probe b) = Pair(Exact);
        Connection end = a.ConnectionTo(b)!;
        World.Clog(end);
        SimMessage first = world.Messages.Create("sim", 100, a, MessageTruth.Accept, world.Now);
        SimMessage second = world.Messages.Create("sim", 100, a, MessageTruth.Accept, world.Now);
        a.SendTo(b, first.Frame);
        a.SendTo(b, first.Frame);
        a.SendTo(b, second.Frame);
        world.Cancel(end, first.Number);
        world.Unclog(end);
        world.Run(TimeSpan.FromMilliseconds(100));

        Assert.Same(second.Frame, Assert.Single(b.Frames).Frame);
        Assert.Equal(1, world.Frames.Drops(FrameDrop.WaitsAlready));
        Assert.Equal(1, world.Frames.Drops(FrameDrop.Cancelled));
        AssertConserved(world);
    }

    [Fact]
    public void A_close_lets_arrive_what_was_sent_and_loses_what_comes_back()
    {
        (World world, Probe a, Probe b) = Pair(Exact);
        a.SendTo(b, FrameOf(10));
        b.SendTo(a, FrameOf(10));
        world.Close(a.ConnectionTo(b)!);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Single(b.Frames);
        Assert.Empty(a.Frames);
        Assert.Contains("disconnected 0", b.Events);
        Assert.DoesNotContain("disconnected 1", a.Events);
        Assert.Equal(1, world.Frames.Drops(FrameDrop.ConnectionBroken));
    }

    [Fact]
    public void A_crash_is_noticed_soon_and_the_loss_of_a_machine_late()
    {
        foreach ((bool machine, double seconds) in new[] { (false, 0.025), (true, 15) })
        {
            (World world, Probe a, Probe b) = Pair(Exact);
            world.Crash(b, machine);
            world.Run(TimeSpan.FromSeconds(seconds - 0.001));
            Assert.DoesNotContain("disconnected 1", a.Events);
            world.Run(TimeSpan.FromSeconds(0.002));
            Assert.Contains("disconnected 1", a.Events);
            Assert.Contains("stop", b.Events);
        }
    }

    [Fact]
    public void Who_comes_back_before_its_loss_was_noticed_takes_the_place_of_its_old_connection()
    {
        (World world, Probe a, Probe b) = Pair(Exact);
        world.Crash(b, machine: true);
        world.Run(TimeSpan.FromSeconds(1));
        world.Start(b);
        b.DialTo(a);
        world.Run(TimeSpan.FromSeconds(30));

        Assert.Equal(["start", "connected 1 Outbound", "disconnected 1", "connected 1 Inbound"], a.Events);
        b.SendTo(a, FrameOf(10));
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(a.Frames);
    }

    [Fact]
    public void Nothing_passes_a_partition_until_it_is_healed()
    {
        (World world, Probe a, Probe b) = Pair(Exact);
        world.Partition(actor => actor.Number);
        a.SendTo(b, FrameOf(10), FrameClass.Publish);
        world.Run(TimeSpan.FromSeconds(3));
        Assert.Empty(b.Frames);

        world.Heal();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(b.Frames);
    }

    [Fact]
    public void A_long_partition_breaks_connections_and_lets_no_dial_through()
    {
        (World world, Probe a, Probe b) = Pair(Exact);
        world.Partition(actor => actor.Number);
        world.Run(TimeSpan.FromSeconds(16));
        Assert.Contains("disconnected 1", a.Events);
        Assert.Contains("disconnected 0", b.Events);

        a.DialTo(b);
        world.Run(TimeSpan.FromSeconds(20));
        Assert.Contains("failed 1", a.Events);

        world.Heal();
        a.DialTo(b);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.NotNull(a.ConnectionTo(b));
    }

    [Fact]
    public void A_dial_to_one_that_is_down_or_refuses_fails()
    {
        World world = new(new WorldOptions { Links = Exact });
        Probe[] probes = Started(world, 3);
        world.Crash(probes[1]);
        probes[2].Refuses = true;
        probes[0].DialTo(probes[1]);
        probes[0].DialTo(probes[2]);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["start", "failed 1", "failed 2"], probes[0].Events);
    }

    [Fact]
    public void Both_dialing_at_once_gives_one_connection()
    {
        World world = new(new WorldOptions { Links = Exact });
        Probe[] probes = Started(world, 2);
        probes[0].DialTo(probes[1]);
        probes[1].DialTo(probes[0]);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["start", "connected 1 Outbound"], probes[0].Events);
        Assert.Equal(["start", "connected 0 Inbound"], probes[1].Events);
    }

    [Fact]
    public void Connections_break_at_the_rate_that_was_asked_for()
    {
        World world = new(new WorldOptions { Links = Exact with { BreaksPerHour = 60 } });
        Probe[] probes = Started(world, 101);
        foreach (Probe probe in probes[1..])
        {
            probe.DialTo(probes[0]);
        }

        world.RunUntil(TimeSpan.FromMinutes(1)); // Each breaks with probability 1 - 1/e.

        Assert.InRange(probes[0].Events.Count(e => e.StartsWith("disconnected", StringComparison.Ordinal)), 50, 76);
    }

    [Fact]
    public void Timers_of_an_earlier_life_never_come()
    {
        World world = new(new WorldOptions { Links = Exact });
        Probe probe = Started(world, 1)[0];
        probe.Wait(TimeSpan.FromSeconds(2), 1);
        world.Run(TimeSpan.FromSeconds(1));
        world.Crash(probe);
        world.Start(probe);
        probe.Wait(TimeSpan.FromSeconds(2), 2);
        world.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(["start", "stop", "start", "timer 2"], probe.Events);
    }

    private static (World World, Probe A, Probe B) Pair(LinkOptions links)
    {
        World world = new(new WorldOptions { Links = links });
        Probe[] probes = Started(world, 2);
        probes[0].DialTo(probes[1]);
        world.RunUntil(TimeSpan.FromSeconds(1));
        return (world, probes[0], probes[1]);
    }

    private static Probe[] Started(World world, int count)
    {
        Probe[] probes = [.. Enumerable.Range(0, count).Select(_ => world.Add(new Probe()))];
        foreach (Probe probe in probes)
        {
            world.Start(probe);
        }

        return probes;
    }

    private static Frame[] SendSpaced(World world, Probe a, Probe b, int count)
    {
        Frame[] frames = [.. Enumerable.Range(0, count).Select(_ => FrameOf(10))];
        for (int i = 0; i < count; i++)
        {
            Frame frame = frames[i];
            world.At(TimeSpan.FromMilliseconds(1000 + i), () => a.SendTo(b, frame));
        }

        world.Run(TimeSpan.FromSeconds(30));
        return frames;
    }

    private static Frame FrameOf(int length) => new(new byte[length]);

    private static void AssertConserved(World world)
    {
        world.Checkers.Finish();
        Assert.Empty(world.Checkers.Violations);
    }
}
