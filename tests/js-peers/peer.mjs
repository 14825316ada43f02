// A js-libp2p peer that a test scripts: one JSON object a line on standard input is a request {id, op, ...}, one a line
// on standard output is its answer {id, ok, ...} or an event {event, ...}. Bytes travel as base64. README.md lists the ops.
import { serve } from './lib/wire.mjs'
import { identityOps } from './lib/identity.mjs'
import { nodeOps } from './lib/node.mjs'
import { streamOps } from './lib/streams.mjs'
import { gossipOps } from './lib/gossip.mjs'

serve({ ...identityOps, ...nodeOps, ...streamOps, ...gossipOps })
