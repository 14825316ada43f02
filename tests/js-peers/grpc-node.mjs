// The node beside an agent, as a program in js: @grpc/grpc-js with services loaded from .proto files. Scripted as
// peer.mjs is. Run: node grpc-node.mjs PROTOS, the directory of the agent's .proto files.
import { serve } from './lib/wire.mjs'
import { grpcNodeOps } from './lib/grpc-node.mjs'

serve(grpcNodeOps(process.argv[2]))
