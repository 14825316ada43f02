import { createHash } from 'node:crypto'
import { gossipsub } from '@libp2p/gossipsub'
import { b64, emit, unb64 } from './wire.mjs'
import { self } from './node.mjs'

const encoder = new TextEncoder()

/** The message id of PMQ: the 40 ASCII bytes of the hexadecimal form of the first 20 bytes of SHA-256 of the data. */
export const messageId = msg => encoder.encode(createHash('sha256').update(msg.data).digest('hex').slice(0, 40))

export function gossip ({ policy = 'StrictNoSign', protocols, ...more } = {}) {
  const make = gossipsub({
    globalSignaturePolicy: policy,
    msgIdFn: messageId,
    msgIdToStrFn: id => Buffer.from(id).toString('latin1'),
    allowPublishToZeroTopicPeers: true,
    fallbackToFloodsub: false,
    floodPublish: false,
    emitSelf: false,
    // Every peer of a test has the same address.
    scoreParams: { IPColocationFactorWeight: 0 },
    ...more
  })
  return components => {
    const router = make(components)
    // The option of that name is not read by @libp2p/gossipsub 17.1.1.
    if (protocols != null) router.protocols = protocols
    return router
  }
}

export function watchGossip (pubsub) {
  pubsub.addEventListener('gossipsub:message', ({ detail: d }) => emit('message', {
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
  /** verdict: accept, ignore or reject for a message whose text starts with it; anything else is accepted. */
  validate: async ({ topic }) => {
    pubsub().topicValidators.set(topic, (peer, msg) => {
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
  /** Waits in the router's own time until `peers` peers are in the mesh of the topic. */
  awaitMesh: async ({ topic, peers }) => {
    while (pubsub().getMeshPeers(topic).length < peers) await new Promise(resolve => pubsub().addEventListener('gossipsub:heartbeat', resolve, { once: true }))
    return { peers: pubsub().getMeshPeers(topic) }
  }
}
