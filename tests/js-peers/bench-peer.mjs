// A js-libp2p peer that is measured: the same line protocol and the same ops as the peer of bench/Pmq.Benchmarks, so that one
// driver runs both. What is counted is counted where it arrives.
import { createLibp2p } from 'libp2p'
import { tcp } from '@libp2p/tcp'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, emit, serve } from './lib/wire.mjs'
import { gossip } from './lib/gossip.mjs'

const sinkProtocol = '/pmq/bench/sink/1'
const byteProtocol = '/pmq/bench/byte/1'
const topic = 'bench'
const unlimited = 1 << 20

let node
let stopped = false
let count = 0
let bytes = 0
let timed = false
const latencies = []

// The system's monotonic clock: the same for both processes of a run.
const now = () => process.hrtime.bigint()

/** Resolves when the stream's write buffer has room; its own onDrain works only once. */
const room = stream => new Promise((resolve, reject) => {
  const done = fn => () => {
    stream.removeEventListener('drain', ok)
    stream.removeEventListener('idle', ok)
    stream.removeEventListener('close', bad)
    fn()
  }
  const ok = done(resolve)
  const bad = done(() => reject(new Error('closed')))
  stream.addEventListener('drain', ok)
  stream.addEventListener('idle', ok)
  stream.addEventListener('close', bad)
})

const connectionTo = peer => node.getConnections().find(c => c.remotePeer.toString() === peer)

const loops = {
  /** One stream, written as fast as it takes. */
  send: async ({ peer, writeBytes }) => {
    const stream = await connectionTo(peer).newStream(sinkProtocol)
    const chunk = new Uint8Array(writeBytes)
    while (!stopped) if (!stream.send(chunk)) await room(stream)
    stream.abort(new Error('over'))
  },
  /** Dial, secure, multiplex, close: one at a time. */
  handshakes: async ({ address }) => {
    const target = multiaddr(address)
    while (!stopped) {
      const connection = await node.dial(target, { force: true })
      await connection.close()
    }
  },
  /** Open a stream, send a byte, get a byte, close: one at a time. */
  opens: async ({ peer }) => {
    const connection = connectionTo(peer)
    while (!stopped) {
      const stream = await connection.newStream(byteProtocol, { maxOutboundStreams: unlimited })
      const reply = new Promise((resolve, reject) => {
        stream.addEventListener('message', resolve, { once: true })
        stream.addEventListener('close', () => reject(new Error('closed')), { once: true })
      })
      stream.send(new Uint8Array([7]))
      await reply
      await stream.close()
      count++
    }
  },
  /** Publishes as fast as the streams to the peers drain. */
  publish: async ({ messageBytes }) => {
    const pubsub = node.services.pubsub
    for (let i = 0n; !stopped; i++) {
      const data = new Uint8Array(messageBytes)
      new DataView(data.buffer).setBigUint64(0, i)
      await pubsub.publish(topic, data)
      for (const { rawStream } of pubsub.streamsOutbound.values()) {
        while (!stopped && rawStream.status === 'open' && rawStream.writeBufferLength > 1 << 18) await room(rawStream)
      }
    }
  },
  /** Publishes `rate` messages a second, each with the time at which it was published. */
  paced: async ({ messageBytes, rate }) => {
    const pubsub = node.services.pubsub
    const period = 1e9 / rate
    const start = Number(now())
    for (let i = 0; !stopped; i++) {
      const due = start + i * period
      const early = (due - Number(now())) / 1e6
      if (early > 0) await new Promise(resolve => setTimeout(resolve, early))
      const data = new Uint8Array(messageBytes)
      const view = new DataView(data.buffer)
      view.setBigUint64(0, now())
      view.setBigUint64(8, BigInt(i))
      await pubsub.publish(topic, data)
    }
  }
}

const ops = {
  start: async ({ gossip: withGossip, identify: withIdentify }) => {
    const services = {}
    if (withIdentify || withGossip) services.identify = identify()
    if (withGossip) services.pubsub = gossip({})
    node = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ maxInboundStreams: unlimited, maxOutboundStreams: unlimited })],
      connectionManager: {
        maxConnections: unlimited, inboundConnectionThreshold: unlimited, maxIncomingPendingConnections: unlimited
      },
      connectionMonitor: { enabled: false },
      connectionGater: { denyDialMultiaddr: () => false },
      services
    })
    const options = { maxInboundStreams: unlimited, maxOutboundStreams: unlimited }
    await node.handle(sinkProtocol, stream => {
      stream.addEventListener('message', e => { bytes += e.data.byteLength; count++ })
    }, options)
    await node.handle(byteProtocol, stream => {
      stream.addEventListener('message', e => { stream.send(e.data.subarray()); stream.close().catch(() => {}) }, { once: true })
    }, options)
    node.services.pubsub?.addEventListener('gossipsub:message', ({ detail: { msg } }) => {
      count++
      bytes += msg.data.length
      if (timed) latencies.push(Number(now() - new DataView(msg.data.buffer, msg.data.byteOffset).getBigUint64(0)) / 1e6)
    })
    return { peerId: node.peerId.toString(), address: node.getMultiaddrs()[0].toString() }
  },
  dial: async ({ address }) => { await node.dial(multiaddr(address)) },
  /** Counts the connections that others make from now on. */
  countConnections: async () => { node.addEventListener('connection:open', () => { count++ }) },
  subscribe: async ({ peers }) => {
    const pubsub = node.services.pubsub
    pubsub.subscribe(topic)
    while (pubsub.getMeshPeers(topic).length < peers) await new Promise(resolve => pubsub.addEventListener('gossipsub:heartbeat', resolve, { once: true }))
  },
  loop: async ({ kind, ...rest }) => {
    loops[kind](rest).catch(err => { if (!stopped) emit('fault', describe(err)) })
  },
  stop: async () => { stopped = true },
  /** What arrived within so many seconds, and what it cost this process. */
  measure: async ({ seconds, latency }) => {
    timed = latency
    latencies.length = 0
    const before = { count, bytes, time: now(), cpu: process.cpuUsage() }
    await new Promise(resolve => setTimeout(resolve, seconds * 1000))
    const elapsed = Number(now() - before.time) / 1e9
    const cpu = process.cpuUsage(before.cpu)
    const sorted = latencies.toSorted((a, b) => a - b)
    const at = part => sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
    return {
      count: count - before.count,
      bytes: bytes - before.bytes,
      seconds: elapsed,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      allocatedBytes: 0,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1)
    }
  }
}

serve(ops)
