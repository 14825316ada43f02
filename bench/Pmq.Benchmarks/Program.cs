using System.CommandLine;
using Pmq.Benchmarks.Compare;
using Pmq.Benchmarks.Micro;
using Pmq.Benchmarks.Peer;

var root = new RootCommand("Measures PMQ, alone and beside js-libp2p.")
{
    CompareCommand.Create(),
    MicroCommand.Create(),
    PeerCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
