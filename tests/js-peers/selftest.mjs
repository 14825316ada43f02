// The scripted peer against itself: what the tests of PMQ demand of a js peer, js peers grant each other.
// Run: node --test selftest.mjs
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { createHash } from 'node:crypto'

class Peer {
  #next = 1
  #pending = new Map()
  #events = []
  #waiters = []

  constructor () {
    this.process = spawn(process.execPath, [new URL('peer.mjs', import.meta.url).pathname], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.process.stdout }).on('line', line => this.#take(JSON.parse(line)))
  }

  #take (message) {
    if (message.id != null) {
      const { resolve, reject } = this.#pending.get(message.id)
      this.#pending.delete(message.id)
      if (message.ok) resolve(message)
      else reject(Object.assign(new Error(`${message.error}: ${message.message}`), { name: message.error }))
    } else {
      this.#events.push(message)
      this.#waiters = this.#waiters.filter(w => !w())
    }
  }

  call (op, args = {}) {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.process.stdin.write(JSON.stringify({ id, op, ...args }) + '\n')
    })
  }

  event (name, matches = () => true) {
    return new Promise(resolve => {
      const look = () => {
        const i = this.#events.findIndex(e => e.event === name && matches(e))
        if (i < 0) return false
        resolve(this.#events.splice(i, 1)[0])
        return true
      }
      if (!look()) this.#waiters.push(look)
    })
  }

  stop () { this.process.stdin.end() }
}

const b64 = text => Buffer.from(text).toString('base64')
const sha = (bytes) => {
  const chunk = Buffer.alloc(65536)
  for (let i = 0; i < chunk.length; i++) chunk[i] = (i ^ (i >> 8)) & 0xff
  const hash = createHash('sha256')
  for (let left = bytes; left > 0; left -= 65536) hash.update(chunk.subarray(0, Math.min(left, 65536)))
  return hash.digest('base64')
}

let a, b, idA, idB
before(async () => {
  a = new Peer()
  b = new Peer()
  const gossip = { policy: 'StrictNoSign', heartbeatInterval: 200 }
  idA = await a.call('start', { gossip })
  idB = await b.call('start', { gossip })
  for (const peer of [a, b]) {
    await peer.call('handle', { protocol: '/echo', mode: 'echo' })
    await peer.call('handle', { protocol: '/count', mode: 'count' })
    await peer.call('handle', { protocol: '/source', mode: 'source' })
    await peer.call('handle', { protocol: '/hold', mode: 'hold' })
  }
  const c = await a.call('dial', { address: idB.addresses[0] })
  assert.equal(c.encryption, '/noise')
  assert.equal(c.multiplexer, '/yamux/1.0.0')
})
after(() => { a.stop(); b.stop() })

test('the dialer identifies the listener', async () => {
  const identified = await a.event('identified')
  assert.equal(identified.peer, idB.peerId)
  assert.ok(identified.protocols.includes('/ipfs/ping/1.0.0'))
})

test('ping answers', async () => {
  assert.ok((await a.call('ping', { peer: idB.peerId })).milliseconds >= 0)
  assert.ok((await b.call('muxerPing', { peer: idA.peerId })).milliseconds >= 0)
})

test('an echo stream returns what was sent, and its end', async () => {
  const { stream } = await a.call('open', { peer: idB.peerId, protocols: ['/echo'] })
  await a.call('send', { stream, data: b64('hello') })
  await a.call('closeWrite', { stream })
  const read = await a.call('read', { stream, bytes: 1000000 })
  assert.equal(Buffer.from(read.data, 'base64').toString(), 'hello')
  assert.equal(read.ended, true)
})

test('an unknown protocol is refused', async () => {
  await assert.rejects(a.call('open', { peer: idB.peerId, protocols: ['/nobody'] }), { name: 'UnsupportedProtocolError' })
})

test('16 MiB arrive whole in both directions', async () => {
  const bytes = 16 * 1024 * 1024
  const up = Buffer.from((await a.call('upload', { peer: idB.peerId, protocol: '/count', bytes })).answer, 'base64')
  assert.equal(up.readBigUInt64BE(), BigInt(bytes))
  assert.equal(up.subarray(8).toString('base64'), sha(bytes))
  const down = await a.call('download', { peer: idB.peerId, protocol: '/source', bytes })
  assert.deepEqual([down.fault, down.sha256], [null, sha(bytes)])
})

test('1000 streams opened at once are all answered', async () => {
  assert.equal((await a.call('openMany', { peer: idB.peerId, protocol: '/echo', count: 1000 })).answered, 1000)
})

test('a reset is seen at the other end', async () => {
  const { stream } = await a.call('open', { peer: idB.peerId, protocols: ['/hold'] })
  const inbound = await b.event('stream')
  await a.call('reset', { stream })
  const read = await b.call('read', { stream: inbound.stream, bytes: 1 })
  assert.deepEqual([read.ended, read.fault], [true, 'StreamResetError'])
})

test('gossip passes both ways with the id of PMQ', async () => {
  for (const peer of [a, b]) await peer.call('subscribe', { topic: 't' })
  for (const peer of [a, b]) await peer.call('awaitMesh', { topic: 't', peers: 1 })
  for (const [from, to] of [[a, b], [b, a]]) {
    const text = `from ${from === a ? 'a' : 'b'}`
    assert.equal((await from.call('publish', { topic: 't', data: b64(text) })).recipients.length, 1)
    const message = await to.event('message')
    assert.equal(Buffer.from(message.data, 'base64').toString(), text)
    assert.equal(message.messageId, createHash('sha256').update(text).digest('hex').slice(0, 40))
  }
})

test('keys, signatures and records pass between peers', async () => {
  for (const type of ['Ed25519', 'secp256k1', 'ECDSA', 'RSA']) {
    const key = await a.call('generateKey', { type })
    assert.equal((await b.call('describePublicKey', { publicKey: key.publicKey })).peerId, key.peerId)
    const { signature } = await a.call('sign', { privateKey: key.privateKey, data: b64('m') })
    assert.equal((await b.call('verify', { publicKey: key.publicKey, data: b64('m'), signature })).valid, true)
    assert.equal((await b.call('verify', { publicKey: key.publicKey, data: b64('n'), signature })).valid, false)
    if (type === 'ECDSA') continue // js-libp2p has no such peers
    const { envelope } = await a.call('sealRecord', { privateKey: key.privateKey, addresses: ['/ip4/1.2.3.4/tcp/5'], sequence: 7 })
    const opened = await b.call('openRecord', { envelope })
    assert.deepEqual([opened.peerId, opened.sequence, opened.addresses], [key.peerId, '7', ['/ip4/1.2.3.4/tcp/5']])
  }
})

for (const [name, security] of Object.entries({
  'without the early muxer': { earlyMuxer: false }, 'in frames of one byte': { noiseFrame: 1 }
})) {
  test(`a connection ${name} works`, async () => {
    const c = new Peer()
    await c.call('start', { security })
    assert.equal((await c.call('dial', { address: idB.addresses[0] })).multiplexer, '/yamux/1.0.0')
    const { answer } = await c.call('upload', { peer: idB.peerId, protocol: '/count', bytes: 1000 })
    assert.equal(Buffer.from(answer, 'base64').readBigUInt64BE(), 1000n)
    c.stop()
  })
}

test('a bad signature and a wrong peer id are refused by the dialer', async () => {
  const c = new Peer()
  const idC = await c.call('start', { security: { badSignature: true } })
  await assert.rejects(a.call('dial', { address: idC.addresses[0] }), /Invalid payload signature/)
  c.stop()
  const d = new Peer()
  const idD = await d.call('start', {})
  await assert.rejects(a.call('dial', { address: idD.addresses[0].replace(idD.peerId, idC.peerId) }), /does not match|Unexpected/)
  d.stop()
})
