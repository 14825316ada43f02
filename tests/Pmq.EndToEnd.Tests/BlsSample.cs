using System.ComponentModel;
using Pmq.Testing.Processes;

namespace Pmq.EndToEnd.Tests;

/// <summary>The npm project <c>samples/bls</c>.</summary>
internal static class BlsSample
{
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
