using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Pmq.Protocol.Services;

/// <summary>
/// <c>grpc.health.v1.Health</c>: says whether the server as a whole (the empty name) and each of its services serve.
/// Any thread may set a status; watchers see the latest one, not each one in between.
/// </summary>
/// <remarks>Spec: gRPC Health Checking Protocol.</remarks>
internal sealed class HealthService : Health.HealthBase
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new() { [""] = ServingStatus.NotServing };
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Sets the status of a service, <c>""</c> for the server as a whole.</summary>
    public void Set(string service, ServingStatus status)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _statuses[service] = status;
            changed = Swap();
        }

        changed.SetResult();
    }

    /// <summary>Sets all services to NOT_SERVING, so that clients go elsewhere before the server stops.</summary>
    public void SetNotServing()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            foreach (var service in _statuses.Keys)
            {
                _statuses[service] = ServingStatus.NotServing;
            }

            changed = Swap();
        }

        changed.SetResult();
    }

    /// <inheritdoc/>
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var (status, _) = Read(request.Service);
        return status is { } known
            ? Task.FromResult(new HealthCheckResponse { Status = known })
            : throw new RpcException(new Status(StatusCode.NotFound, $"There is no service '{request.Service}' here."));
    }

    /// <inheritdoc/>
    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        ServingStatus? last = null;
        while (true)
        {
            var (status, changed) = Read(request.Service);
            var now = status ?? ServingStatus.ServiceUnknown;
            if (now != last)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = now });
                last = now;
            }

            await changed.WaitAsync(context.CancellationToken);
        }
    }

    private (ServingStatus? Status, Task Changed) Read(string service)
    {
        lock (_lock)
        {
            return (_statuses.TryGetValue(service, out var status) ? status : null, _changed.Task);
        }
    }

    private TaskCompletionSource Swap()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return changed;
    }
}
