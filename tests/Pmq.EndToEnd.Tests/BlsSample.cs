using System.ComponentModel;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The npm project <c>samples/bls</c>.</summary>
internal static class BlsSample
{
    /// <summary>The node of the network in C#, which stands in <c>samples/don</c>: bin/Don/debug beside our bin/….</summary>
    public static string Don
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "Don", own.Name, "Don");
        }
    }

    /// <summary>The project with its packages; the test that asks is skipped where there is no npm.</summary>
    public static NpmProject Project()
    {
        try
        {
            return NpmProject.In("samples", "bls");
        }
        catch (InvalidOperationException e) when (e.InnerException is Win32Exception)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
