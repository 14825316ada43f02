using Grpc.Core;
using Grpc.Reflection.V1;

namespace Pmq.Protocol.Services;

/// <summary><c>grpc.reflection.v1.ServerReflection</c>: lets tools ask what a server offers.</summary>
/// <remarks>Spec: gRPC Server Reflection Protocol.</remarks>
internal sealed class ReflectionService(ReflectionCatalog catalog) : ServerReflection.ServerReflectionBase
{
    /// <inheritdoc/>
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        while (await requestStream.MoveNext())
        {
            await responseStream.WriteAsync(catalog.Answer(requestStream.Current));
        }
    }
}
