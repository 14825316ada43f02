import { createHash } from 'node:crypto'
import { gossipsub } from '@libp2p/gossipsub'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import { b64, emit, unb64 } from './wire.mjs'
import { self } from './node.mjs'

const encoder = new TextEncoder()

/** The message id of PMQ: the 40 ASCII bytes of the hexadecimal form of the first 20 bytes of SHA-256 of the data. */
export const messageId = msg => encoder.encode(messageIdText(msg))

const messageIdText = msg => createHash('sha256').update(msg.data).digest('hex').slice(0, 40)

export function gossip ({ policy = 'StrictNoSign', protocols, scoreParams, quiet, rpcs, ...more } = {}) {
  const make = gossipsub({
    globalSignaturePolicy: policy,
    msgIdFn: messageId,
    msgIdToStrFn: id => Buffer.from(id).toString('latin1'),
    allowPublishToZeroTopicPeers: true,
    fallbackToFloodsub: false,
    floodPublish: false,
    emitSelf: false,
    ...more,
    // Every peer of a test has the same address.
    scoreParams: { IPColocationFactorWeight: 0, ...scoreParams }
  })
  return components => {
    const router = make(components)
    // The option of that name is not read by @libp2p/gossipsub 17.1.1.
    if (protocols != null) router.protocols = protocols
    return router
  }
}

/** What was delivered of tallied traffic: publisher → numbers, how many came again, and whom messages came from. */
const tally = { publishers: new Map(), again: 0, foreign: 0 }

/** A payload of tallied traffic begins with eight characters of its publisher's name and its number, of eight digits. */
function count ({ data }) {
  const head = Buffer.from(data.subarray(0, 16)).toString('latin1')
  if (!/^.{8}[0-9]{8}$/.test(head)) { tally.foreign++; return }
  const name = head.slice(0, 8).trimEnd()
  const numbers = tally.publishers.get(name) ?? new Set()
  tally.publishers.set(name, numbers)
  const number = Number(head.slice(8))
  if (numbers.has(number)) tally.again++
  numbers.add(number)
}

/** Tells of each RPC what it carries, before the router sees it. */
function watchRpcs (pubsub) {
  const handle = pubsub.handleReceivedRpc.bind(pubsub)
  const text = ids => ids.map(id => Buffer.from(id).toString('latin1'))
  pubsub.handleReceivedRpc = (from, rpc) => {
    const control = rpc.control ?? {}
    emit('rpc', {
      peer: from.toString(),
      messages: (rpc.messages ?? []).map(m => messageIdText(m)),
      ihave: text((control.ihave ?? []).flatMap(c => c.messageIDs ?? [])),
      iwant: text((control.iwant ?? []).flatMap(c => c.messageIDs ?? [])),
      idontwant: text((control.idontwant ?? []).flatMap(c => c.messageIDs ?? [])),
      graft: (control.graft ?? []).map(c => c.topicID),
      prune: (control.prune ?? []).map(c => ({
        topic: c.topicID,
        backoff: Number(c.backoff ?? 0),
        peers: (c.peers ?? []).map(p => ({
          peer: p.peerID == null ? undefined : peerIdFromMultihash(Digest.decode(p.peerID)).toString(),
          record: p.signedPeerRecord == null ? undefined : b64(p.signedPeerRecord)
        }))
      }))
    })
    return handle(from, rpc)
  }
}

/** quiet: deliveries are tallied and not told one by one. rpcs: every RPC that comes is told. */
export function watchGossip (pubsub, { quiet = false, rpcs = false } = {}) {
  if (rpcs) watchRpcs(pubsub)
  pubsub.addEventListener('gossipsub:message', ({ detail: d }) => quiet
    ? count(d.msg)
    : emit('message', {
      topic: d.msg.topic,
      messageId: d.msgId,
      bytes: d.msg.data.length,
      data: b64(d.msg.data),
      handedOverBy: d.propagationSource.toString(),
      type: d.msg.type,
      author: d.msg.from?.toString()
    }))
  pubsub.addEventListener('subscription-change', ({ detail: d }) => emit('subscription', {
    peer: d.peerId.toString(), subscriptions: d.subscriptions.map(s => ({ topic: s.topic, subscribe: s.subscribe }))
  }))
  pubsub.addEventListener('gossipsub:graft', ({ detail: d }) => emit('graft', { peer: d.peerId, topic: d.topic, direction: d.direction }))
  pubsub.addEventListener('gossipsub:prune', ({ detail: d }) => emit('prune', { peer: d.peerId, topic: d.topic }))
}

const pubsub = () => self().services.pubsub

export const gossipOps = {
  subscribe: async ({ topic }) => { pubsub().subscribe(topic) },
  unsubscribe: async ({ topic }) => { pubsub().unsubscribe(topic) },
  publish: async ({ topic, data }) => {
    const { recipients } = await pubsub().publish(topic, unb64(data))
    return { recipients: recipients.map(p => p.toString()) }
  },
  subscribers: async ({ topic }) => ({ peers: pubsub().getSubscribers(topic).map(p => p.toString()) }),
  mesh: async ({ topic }) => ({ peers: pubsub().getMeshPeers(topic) }),
  /** The gossip protocol spoken with each peer. */
  gossipProtocols: async () => ({
    peers: [...pubsub().streamsOutbound].map(([peer, stream]) => ({ peer, protocol: stream.protocol }))
  }),
  score: async ({ peer }) => ({ score: pubsub().score.score(peer) }),
  /** The score of every peer that is remembered, and the thresholds. */
  scores: async () => ({
    scores: [...pubsub().score.peerStats.keys()].map(peer => ({ peer, score: pubsub().score.score(peer) })),
    thresholds: pubsub().opts.scoreThresholds
  }),
  /** Verdict: accept, ignore or reject for a message whose text starts with it; anything else is accepted. */
  validate: async ({ topic, milliseconds = 0 }) => {
    pubsub().topicValidators.set(topic, async (peer, msg) => {
      if (milliseconds > 0) await new Promise(resolve => setTimeout(resolve, milliseconds))
      const text = Buffer.from(msg.data.subarray(0, 6)).toString('latin1')
      return text.startsWith('ignore') ? 'ignore' : text.startsWith('reject') ? 'reject' : 'accept'
    })
  },
  /** Waits for the end of the next heartbeat. */
  heartbeat: async () => { await new Promise(resolve => pubsub().addEventListener('gossipsub:heartbeat', resolve, { once: true })) },
  /** Publishes `count` messages of `bytes` each, the first 8 of them a number, no faster than the streams drain. */
  publishMany: async ({ topic, count, bytes }) => {
    for (let i = 0; i < count; i++) {
      const data = new Uint8Array(bytes)
      new DataView(data.buffer).setBigUint64(0, BigInt(i))
      await pubsub().publish(topic, data)
      for (const { rawStream } of pubsub().streamsOutbound.values()) {
        while (rawStream.status === 'open' && rawStream.writeBufferLength > 1 << 20) await new Promise(resolve => setImmediate(resolve))
      }
    }
  },
  /** Publishes `count` messages for `tally` at `perSecond`, of the sizes in turn; `reached` is the least number of peers that one was sent to. */
  publishPaced: async ({ topic, name, count, perSecond, sizes }) => {
    const start = performance.now()
    let reached = Infinity
    for (let i = 0; i < count; i++) {
      const due = start + i * 1000 / perSecond - performance.now()
      if (due > 0) await new Promise(resolve => setTimeout(resolve, due))
      const data = Buffer.alloc(sizes[i % sizes.length], name.padEnd(8) + String(i).padStart(8, '0'), 'latin1')
      const { recipients } = await pubsub().publish(topic, new Uint8Array(data))
      reached = Math.min(reached, recipients.length)
    }
    return { reached }
  },
  /** What a quiet peer has been delivered. */
  tally: async () => ({
    publishers: Object.fromEntries([...tally.publishers].map(([name, numbers]) => [name, numbers.size])),
    again: tally.again,
    foreign: tally.foreign
  }),
  /** Waits in the router's own time until `peers` peers are in the mesh of the topic. */
  awaitMesh: async ({ topic, peers }) => {
    while (pubsub().getMeshPeers(topic).length < peers) await new Promise(resolve => pubsub().addEventListener('gossipsub:heartbeat', resolve, { once: true }))
    return { peers: pubsub().getMeshPeers(topic) }
  }
}
