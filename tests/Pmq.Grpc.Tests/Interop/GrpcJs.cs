using System.ComponentModel;
using Pmq.Testing.Processes;

namespace Pmq.Grpc.Tests.Interop;

/// <summary>The npm project with @grpc/grpc-js.</summary>
internal static class GrpcJs
{
    /// <summary>Runs one of its scripts; skips the test where npm is not installed.</summary>
    public static ChildProcess Start(string script, params string[] arguments)
    {
        try
        {
            return NpmProject.In("tests", "Pmq.Grpc.Tests", "js").StartScript(script, arguments);
        }
        catch (InvalidOperationException error) when (error.InnerException is Win32Exception)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }
}
