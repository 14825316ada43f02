using Grpc.Core;
using Pmq.Agent.Services;
using Pmq.Engine;
using Pmq.Protocol.V1;

namespace Pmq.Agent.Tests;

public sealed class ServiceFaultsTests
{
    [Fact]
    public void No_refusal_of_the_engine_is_told_as_a_fault_of_the_agent()
    {
        foreach (PublishFault fault in Enum.GetValues<PublishFault>())
        {
            Assert.NotEqual(StatusCode.Internal, ServiceFaults.Map(new PublishException(fault, "m")).StatusCode);
            Assert.NotEqual(PublishError.Internal, ServiceFaults.Error(fault));
            Assert.Equal(fault.ToString(), ServiceFaults.Error(fault).ToString());
        }
    }

    [Fact]
    public void What_the_nodes_own_verifier_did_not_accept_failed_a_precondition()
    {
        RpcException refused = ServiceFaults.Map(new PublishException(PublishFault.NotAccepted, "it said Rejected"));

        Assert.Equal((StatusCode.FailedPrecondition, "it said Rejected"), (refused.StatusCode, refused.Status.Detail));
    }
}
