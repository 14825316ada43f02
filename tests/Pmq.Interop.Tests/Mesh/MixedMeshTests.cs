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
}
