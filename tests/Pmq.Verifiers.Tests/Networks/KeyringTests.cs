using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Networks;

public sealed class KeyringTests
{
    [Fact]
    public void Finds_a_network_by_each_digest_and_each_overlay()
    {
        Network first = SampleNetworks.Network("eth-usd", 1, 2) with { Overlays = ["b", "a"] };
        var keyring = new Keyring([first, SampleNetworks.Network("btc-usd", 3)]);

        Assert.True(keyring.TryFind(SampleNetworks.Digest(2), out Network? network, out NetworkEpoch? epoch));
        Assert.Equal("eth-usd", network.Id);
        Assert.Equal(SampleNetworks.Digest(2), epoch.Digest);
        Assert.True(keyring.TryFind("btc-usd", out network));
        Assert.Equal("btc-usd", network.Id);
        Assert.Equal(["a", "b", "btc-usd"], keyring.Overlays);
        Assert.Same(keyring, ((IKeyringSource)keyring).Current);
    }

    [Fact]
    public void Does_not_find_what_it_does_not_hold()
    {
        var keyring = new Keyring([SampleNetworks.Network("eth-usd", 1)]);

        Assert.False(keyring.TryFind(SampleNetworks.Digest(9), out Network? network, out NetworkEpoch? epoch));
        Assert.Null(network);
        Assert.Null(epoch);
        Assert.False(keyring.TryFind("ETH-USD", out _));
        Assert.Empty(new Keyring([]).Overlays);
    }

    [Fact]
    public void Lookups_allocate_nothing()
    {
        var keyring = new Keyring([SampleNetworks.Network("eth-usd", 1), SampleNetworks.Network("btc-usd", 2)]);
        ConfigDigest digest = SampleNetworks.Digest(1);
        int found = 0;
        void Look()
        {
            found += keyring.TryFind(digest, out _, out _) ? 1 : 0;
            found += keyring.TryFind("btc-usd", out _) ? 1 : 0;
        }

        Look();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Look();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2002, found);
    }

    [Fact]
    public void A_change_of_the_lists_it_was_made_of_changes_nothing()
    {
        var overlays = new List<string> { "a" };
        var networks = new List<Network> { SampleNetworks.Network("eth-usd", 1) with { Overlays = overlays } };
        var keyring = new Keyring(networks);

        overlays[0] = "b";
        networks.Clear();

        Assert.Equal(["a"], keyring.Overlays);
        Assert.Equal(["a"], Assert.Single(keyring.Networks).Overlays);
    }

    [Fact]
    public void An_id_that_stands_twice_is_refused() => Refuses(
        "networks[1].id = eth-usd: is already the id of networks[0]; ids are unique",
        SampleNetworks.Network("eth-usd", 1),
        SampleNetworks.Network("eth-usd", 2) with { Overlays = ["b"] });

    [Fact]
    public void A_digest_that_stands_twice_is_refused_with_both_networks()
    {
        const string Digest = "020000000000000000000000000000000000000000000000\u2026";
        Refuses(
            $"networks[1].epochs[0].digest = {Digest}: stands twice: in network eth-usd (networks[0].epochs[1].digest) "
                + "and in network btc-usd; a digest names one epoch",
            SampleNetworks.Network("eth-usd", 1, 2),
            SampleNetworks.Network("btc-usd", 2));
        Refuses(
            $"networks[0].epochs[1].digest = {Digest}: stands twice: in network eth-usd (networks[0].epochs[0].digest) "
                + "and in network eth-usd; a digest names one epoch",
            SampleNetworks.Network("eth-usd", 2, 2));
    }

    [Fact]
    public void An_overlay_of_two_networks_is_refused()
    {
        Refuses(
            "networks[1].overlays[1] = b: is already an overlay of network eth-usd (networks[0].overlays[1]); an overlay "
                + "carries one network's reports",
            SampleNetworks.Network("eth-usd", 1) with { Overlays = ["a", "b"] },
            SampleNetworks.Network("btc-usd", 2) with { Overlays = ["c", "b"] });
        Refuses(
            "networks[0].overlays[1] = a: stands twice, first as networks[0].overlays[0]",
            SampleNetworks.Network("eth-usd", 1) with { Overlays = ["a", "a"] });
    }

    [Fact]
    public void A_network_without_epochs_or_overlays_is_refused()
    {
        Refuses("networks[0].epochs: must hold at least one epoch", SampleNetworks.Network("eth-usd"));
        Refuses(
            "networks[0].overlays: must hold at least one overlay",
            SampleNetworks.Network("eth-usd", 1) with { Overlays = [] });
    }

    [Fact]
    public void Signers_of_another_network_are_refused() => Refuses(
        "networks[0].epochs[0].signers: are those of network btc-usd; must be those of network eth-usd",
        SampleNetworks.Network("eth-usd", 1) with { Epochs = [SampleNetworks.Epoch("btc-usd", 1)] });

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("a\nb", "a\ufffdb")]
    [InlineData("a\u2028b", "a\ufffdb")]
    public void A_name_that_is_none_is_refused(string name, string shown)
    {
        Refuses(
            $"networks[0].overlays[0] = {shown}: must be text of 1 to 512 bytes without control characters",
            SampleNetworks.Network("eth-usd", 1) with { Overlays = [name] });
        Refuses(
            $"networks[0].id = {shown}: must be text of 1 to 128 bytes without control characters",
            SampleNetworks.Network("eth-usd", 1) with { Id = name });
    }

    [Fact]
    public void The_bounds_hold()
    {
        Network[] most =
        [
            .. Enumerable.Range(0, 999).Select(i => SampleNetworks.Network($"n{i}") with
            {
                Epochs = [new NetworkEpoch(SampleNetworks.Wide(i), SampleNetworks.Epoch($"n{i}", 0).Signers)],
            }),
            SampleNetworks.Network("last", [.. Enumerable.Range(1, 8).Select(i => (byte)(200 + i))]) with
            {
                Overlays = [.. Enumerable.Range(0, 64).Select(i => $"o{i}")],
            },
        ];

        Assert.Equal(999 + 64, new Keyring(most).Overlays.Count);
        Refuses("networks: there are 1001, more than the 1000 allowed", [.. most, SampleNetworks.Network("x", 99)]);
        Refuses(
            "networks[0].epochs: there are 9, more than the 8 allowed",
            SampleNetworks.Network("x", 1, 2, 3, 4, 5, 6, 7, 8, 9));
        Refuses(
            "networks[0].overlays: there are 65, more than the 64 allowed",
            SampleNetworks.Network("x", 1) with { Overlays = [.. Enumerable.Range(0, 65).Select(i => $"o{i}")] });
    }

    [Fact]
    public void A_threshold_out_of_its_range_is_refused()
    {
        RefusesWindow("skip = 0: must be a whole number of at least 1", new WindowOptions { SkipThreshold = 0 });
        RefusesWindow("future = -1: must be a whole number of at least 1", new WindowOptions { FutureBound = -1 });
        RefusesWindow("moveCount = 65: must be a whole number of 2 to 64", new WindowOptions { MoveCount = 65 });
        RefusesWindow(
            "skip = 100: must be at most validity, which is 99", new WindowOptions { ValidityThreshold = 99 });
        RefusesWindow(
            "skip = 100: must be at most maxRemembered, which is 9", new WindowOptions { MaxRemembered = 9 });
        RefusesWindow(
            "inStep = 0s: must be a duration of 1ms to 24h0m0s", new WindowOptions { InStepSpan = TimeSpan.Zero });
        RefusesWindow(
            "settle = 1m1s: must be a duration of 0s to 1m0s",
            new WindowOptions { SettlingSpan = TimeSpan.FromSeconds(61) });
    }

    [Fact]
    public void The_keys_of_a_window_are_its_options_with_the_ranges_of_the_window()
    {
        // Wide enough that only the range of the one key is at stake.
        var roomy = new WindowOptions { SkipThreshold = 1, ValidityThreshold = long.MaxValue };
        foreach (WindowKey key in WindowKey.All)
        {
            Assert.Empty(key.With(roomy, key.Most is long.MaxValue && key.Name == "skip" ? 100 : key.Most).Validate());
            Assert.Empty(key.With(roomy, key.Least).Validate());
            Assert.NotEmpty(key.With(roomy, key.Least - 1).Validate());
            Assert.True(key.Most is long.MaxValue || key.With(roomy, key.Most + 1).Validate().Count > 0, key.Name);
            Assert.Equal(key.Least, key.Get(key.With(roomy, key.Least)));
        }

        Assert.Equal(
            typeof(WindowOptions).GetProperties().Count(property => property.CanWrite), WindowKey.All.Count);
    }

    private static void RefusesWindow(string expected, WindowOptions window) =>
        Refuses("networks[0].window." + expected, SampleNetworks.Network("eth-usd", 1) with { Window = window });

    private static void Refuses(string expected, params Network[] networks) =>
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => new Keyring(networks)).Message);
}
