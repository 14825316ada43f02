namespace Pmq.Interop.Tests.Mesh;

/// <summary>Five js peers and five of ours under traffic; <c>tests/run-mesh</c> runs the same for longer.</summary>
public sealed class MixedMeshTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Five_js_peers_and_five_of_ours_lose_nothing_and_find_no_fault_with_each_other()
    {
        await using var mesh = await MixedMesh.StartAsync(MeshPlan.FromEnvironment(), output.WriteLine);

        Assert.Empty(await mesh.RunAsync());
    }

    [Fact]
    public async Task Peers_of_v1_0_v1_1_and_v1_2_lose_nothing_and_are_told_only_what_their_version_knows()
    {
        var plan = new MeshPlan
        {
            PeersOfEach = 3,
            Dials = 2,
            Mesh = (3, 2, 4),
            Duration = TimeSpan.FromSeconds(10),
            JsVersions = ["/meshsub/1.0.0", "/meshsub/1.1.0", "/meshsub/1.2.0"],
        };
        await using var mesh = await MixedMesh.StartAsync(plan, output.WriteLine);

        Assert.Empty(await mesh.RunAsync());

        var told = mesh.Members.OfType<JsMember>().Select(m => m.Rpcs).ToArray();
        Assert.DoesNotContain(told[0], rpc => rpc.GetProperty("idontwant").GetArrayLength() > 0);
        Assert.DoesNotContain(told[0], rpc => rpc.GetProperty("prune").EnumerateArray().Any(
            p => p.GetProperty("backoff").GetInt32() > 0 || p.GetProperty("peers").GetArrayLength() > 0));
        Assert.DoesNotContain(told[1], rpc => rpc.GetProperty("idontwant").GetArrayLength() > 0);
        Assert.Contains(told[2], rpc => rpc.GetProperty("idontwant").GetArrayLength() > 0);
    }
}
