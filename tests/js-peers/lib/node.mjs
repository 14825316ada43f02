import { createLibp2p } from 'libp2p'
import { tcp } from '@libp2p/tcp'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { identify, identifyPush } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { peerIdFromString } from '@libp2p/peer-id'
import { generateKeyPair, privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { Uint8ArrayList } from 'uint8arraylist'
import { emit, unb64, b64 } from './wire.mjs'
import { gossip, watchGossip } from './gossip.mjs'

let node

/** The running node; started by the op `start`. */
export const self = () => { if (node == null) throw new Error('not started'); return node }

export function connectionTo (peer) {
  const connection = self().getConnections().find(c => c.remotePeer.toString() === peer && c.status === 'open')
  if (connection == null) throw new Error(`no open connection to ${peer}`)
  return connection
}

const facts = c => ({
  connection: c.id,
  peer: c.remotePeer.toString(),
  address: c.remoteAddr.toString(),
  direction: c.direction,
  status: c.status,
  encryption: c.encryption,
  multiplexer: c.multiplexer,
  rtt: c.muxer?.rtt ?? -1,
  streams: c.streams.length
})

/** Noise with faults and variations: no early muxer, small frames, a signature that is wrong. */
function security ({ earlyMuxer = true, noiseFrame = 0, badSignature = false } = {}) {
  return components => {
    if (badSignature) {
      const key = components.privateKey
      const forger = Object.create(key, {
        publicKey: { value: key.publicKey },
        sign: { value: async data => { const s = new Uint8Array(await key.sign(data)); s[0] ^= 1; return s } }
      })
      const real = components
      components = { privateKey: forger, peerId: real.peerId, logger: real.logger, get upgrader () { return real.upgrader } }
    }
    const inner = noise()(components)
    const secure = async (method, connection, options) => {
      const secured = await inner[method](connection, earlyMuxer ? options : { ...options, skipStreamMuxerNegotiation: true })
      if (noiseFrame > 0) {
        const encrypt = secured.connection.encrypt.bind(secured.connection)
        secured.connection.encrypt = chunk => {
          const out = new Uint8ArrayList()
          for (let i = 0; i < chunk.byteLength; i += noiseFrame) {
            out.append(encrypt(new Uint8ArrayList(chunk.subarray(i, Math.min(i + noiseFrame, chunk.byteLength)))))
          }
          return out
        }
      }
      return secured
    }
    return {
      protocol: '/noise',
      [Symbol.toStringTag]: 'noise',
      secureInbound: (connection, options) => secure('secureInbound', connection, options),
      secureOutbound: (connection, options) => secure('secureOutbound', connection, options)
    }
  }
}

/** A security protocol that nobody else speaks: the first proposal of a dialer that names it. */
const unknownSecurity = () => () => ({
  protocol: '/tls/1.0.0',
  [Symbol.toStringTag]: 'unknown',
  secureInbound: async () => { throw new Error('nobody is expected to choose it') },
  secureOutbound: async () => { throw new Error('nobody is expected to choose it') }
})

const limits = n => ({
  maxConnections: n, inboundConnectionThreshold: n, maxIncomingPendingConnections: n, maxParallelDials: n
})

export const nodeOps = {
  start: async o => {
    const key = o.privateKey != null ? privateKeyFromProtobuf(unb64(o.privateKey)) : await generateKeyPair('Ed25519')
    const services = {}
    if (o.identify !== false) { services.identify = identify(o.identify ?? {}); services.identifyPush = identifyPush() }
    if (o.ping !== false) services.ping = ping(o.ping ?? {})
    if (o.gossip != null) services.pubsub = gossip(o.gossip)
    node = await createLibp2p({
      privateKey: key,
      addresses: { listen: o.listen ?? ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp(o.tcp ?? {})],
      connectionEncrypters: [...(o.unknownSecurityFirst === true ? [unknownSecurity()] : []), security(o.security)],
      streamMuxers: [yamux({ maxInboundStreams: 8192, maxOutboundStreams: 8192, ...o.yamux })],
      connectionManager: { ...limits(4096), ...(o.connectionManager ?? {}) },
      connectionMonitor: o.connectionMonitor ?? { enabled: false },
      connectionGater: { denyDialMultiaddr: () => false },
      nodeInfo: o.userAgent == null ? undefined : { userAgent: o.userAgent },
      services
    })
    node.addEventListener('connection:open', ({ detail }) => emit('connectionOpen', facts(detail)))
    node.addEventListener('connection:close', ({ detail }) => emit('connectionClose', facts(detail)))
    node.addEventListener('peer:identify', ({ detail: d }) => emit('identified', {
      peer: d.peerId.toString(),
      protocolVersion: d.protocolVersion,
      agentVersion: d.agentVersion,
      protocols: d.protocols,
      listenAddresses: d.listenAddrs.map(a => a.toString()),
      observedAddress: d.observedAddr?.toString(),
      record: d.signedPeerRecord == null
        ? undefined
        : { sequence: d.signedPeerRecord.seq.toString(), addresses: d.signedPeerRecord.addresses.map(a => a.toString()) }
    }))
    if (o.gossip != null) watchGossip(node.services.pubsub, o.gossip)
    return { peerId: node.peerId.toString(), addresses: node.getMultiaddrs().map(a => a.toString()) }
  },
  stop: async () => { await node.stop() },
  dial: async ({ address, force }) => facts(await self().dial(multiaddr(address), { force: force ?? false, signal: AbortSignal.timeout(15000) })),
  connections: async () => ({ connections: self().getConnections().map(facts) }),
  close: async ({ peer }) => { await connectionTo(peer).close() },
  abort: async ({ peer }) => { connectionTo(peer).abort(new Error('aborted by the test')) },
  /** What the peer store holds of a peer: the result of identify and of pushes. */
  known: async ({ peer }) => {
    const p = await self().peerStore.get(peerIdFromString(peer))
    return { protocols: p.protocols, addresses: p.addresses.map(a => ({ address: a.multiaddr.toString(), certified: a.isCertified })) }
  },
  identify: async ({ peer }) => ({ protocols: (await self().services.identify.identify(connectionTo(peer))).protocols }),
  identifyPush: async () => { await self().services.identifyPush.push() },
  ping: async ({ peer }) => ({ milliseconds: await self().services.ping.ping(peerIdFromString(peer), { signal: AbortSignal.timeout(10000) }) }),
  muxerPing: async ({ peer }) => ({ milliseconds: await connectionTo(peer).muxer.ping({ signal: AbortSignal.timeout(10000) }) }),
  /** Yamux bytes as given, inside the secured connection. */
  sendRaw: async ({ peer, data }) => { connectionTo(peer).muxer.send(unb64(data)) },
  /** Bytes as given beneath Noise, between two of its frames. */
  sendBeneath: async ({ peer, data }) => { connectionTo(peer).maConn.send(new Uint8ArrayList(unb64(data))) },
  memory: async () => { globalThis.gc?.(); const m = process.memoryUsage(); return { rss: m.rss, heap: m.heapUsed, external: m.external } }
}
