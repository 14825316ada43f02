// A js-libp2p peer that a test scripts: one JSON object a line on standard input is a request {id, op, ...}, one a line
// on standard output is its answer {id, ok, ...} or an event {event, ...}. Bytes travel as base64. README.md lists the ops.
import { createInterface } from 'node:readline'
import { answer, emit, describe } from './lib/wire.mjs'
import { identityOps } from './lib/identity.mjs'
import { nodeOps } from './lib/node.mjs'
import { streamOps } from './lib/streams.mjs'
import { gossipOps } from './lib/gossip.mjs'

const ops = { ...identityOps, ...nodeOps, ...streamOps, ...gossipOps }

async function handle (request) {
  const op = ops[request.op]
  try {
    if (op == null) throw new Error(`unknown op ${request.op}`)
    answer(request.id, { ok: true, ...await op(request) })
  } catch (err) {
    answer(request.id, { ok: false, ...describe(err) })
  }
}

// A fault that nothing awaited is an event: a test that did not expect it sees it in the peer's log.
process.on('uncaughtException', err => emit('fault', describe(err)))
process.on('unhandledRejection', err => emit('fault', describe(err)))

createInterface({ input: process.stdin })
  .on('line', line => { if (line.trim() !== '') handle(JSON.parse(line)) })
  .on('close', () => process.exit(0))
emit('ready', { node: process.version })
