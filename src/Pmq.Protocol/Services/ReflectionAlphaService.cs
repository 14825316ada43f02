using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;
using Stable = Grpc.Reflection.V1;

namespace Pmq.Protocol.Services;

/// <summary>
/// <c>grpc.reflection.v1alpha.ServerReflection</c>, which many tools still ask for. Its messages are those of v1 in
/// another package, so each is handed over as bytes.
/// </summary>
internal sealed class ReflectionAlphaService(ReflectionCatalog catalog) : ServerReflection.ServerReflectionBase
{
    /// <inheritdoc/>
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        while (await requestStream.MoveNext())
        {
            var request = Stable.ServerReflectionRequest.Parser.ParseFrom(requestStream.Current.ToByteString());
            var response = catalog.Answer(request);
            await responseStream.WriteAsync(ServerReflectionResponse.Parser.ParseFrom(response.ToByteString()));
        }
    }
}
