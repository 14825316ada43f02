import { createHash } from 'node:crypto'
import { b64, describe, emit, Table, unb64 } from './wire.mjs'
import { connectionTo, self } from './node.mjs'

const streams = new Table()
const chunkBytes = 65536

/** The bulk content that both ends can make: byte i is the low byte of i ^ (i >> 8). */
const pattern = (() => {
  const bytes = new Uint8Array(chunkBytes)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i ^ (i >> 8)) & 0xff
  return bytes
})()

const ended = stream => stream.readableEnded || stream.status !== 'open'
  ? Promise.resolve()
  : new Promise(resolve => { stream.addEventListener('end', resolve, { once: true }); stream.addEventListener('close', resolve, { once: true }) })

/** Waits until the write buffer is below what a fast sender would keep in it; the stream's own onDrain works only once. */
function writable (stream) {
  if (!stream.writableNeedsDrain && stream.writeBufferLength === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const done = fn => () => {
      for (const name of ['drain', 'idle']) stream.removeEventListener(name, ok)
      stream.removeEventListener('close', bad)
      fn()
    }
    const ok = done(resolve)
    const bad = done(() => reject(new Error(`stream is ${stream.status}`)))
    for (const name of ['drain', 'idle']) stream.addEventListener(name, ok)
    stream.addEventListener('close', bad)
    if (stream.status !== 'open') bad()
  })
}

export async function sendPattern (stream, bytes, writeBytes = chunkBytes) {
  for (let left = bytes; left > 0;) {
    const n = Math.min(left, writeBytes)
    left -= n
    if (!stream.send(pattern.subarray(0, n))) await writable(stream)
  }
}

/** A stream the test reads and writes step by step. */
class Held {
  constructor (stream) {
    this.stream = stream
    this.chunks = []
    this.length = 0
    this.waiters = []
    this.error = null
    this.drained = 0
    this.draining = false
    stream.addEventListener('message', e => {
      if (this.draining) { this.drained += e.data.byteLength; return }
      const data = e.data.subarray()
      this.chunks.push(data)
      this.length += data.length
      this.wake()
    })
    stream.addEventListener('end', () => this.wake())
    stream.addEventListener('close', e => { this.error = e.error ?? null; this.wake() })
  }

  wake () { const waiters = this.waiters; this.waiters = []; waiters.forEach(w => w()) }

  /** Reads and drops what comes from now on, to the end; returns how much it all was. */
  async drain () {
    this.draining = true
    this.drained += this.length
    this.chunks = []
    this.length = 0
    await ended(this.stream)
    return this.drained
  }

  /** At least `bytes`, or what there is when the stream ends. */
  async read (bytes) {
    while (this.length < bytes && !ended0(this.stream)) await new Promise(resolve => this.waiters.push(resolve))
    const all = Buffer.concat(this.chunks)
    this.chunks = []
    this.length = 0
    return all
  }
}
const ended0 = stream => stream.readableEnded || stream.status !== 'open'

const handlers = {
  echo: () => stream => {
    stream.addEventListener('message', e => {
      if (!stream.send(e.data)) {
        stream.pause()
        writable(stream).then(() => stream.resume(), () => {})
      }
    })
    ended(stream).then(() => stream.close()).catch(() => {})
  },
  /** Counts and hashes what comes until the half-close, then answers with 8 bytes of count and the SHA-256. */
  count: ({ pauseEveryBytes = 0, pauseMilliseconds = 0 }) => async stream => {
    const { bytes, digest } = await consume(stream, pauseEveryBytes, pauseMilliseconds)
    const head = Buffer.alloc(8)
    head.writeBigUInt64BE(BigInt(bytes))
    stream.send(Buffer.concat([head, digest]))
    await stream.close()
  },
  /** Reads 8 bytes of length, sends that much of the pattern and half-closes. */
  source: ({ writeBytes }) => async stream => {
    const head = await new Held(stream).read(8)
    await sendPattern(stream, Number(head.readBigUInt64BE()), writeBytes)
    await stream.close()
  },
  /** Sends fixed bytes and half-closes. */
  reply: ({ data }) => async stream => { stream.send(unb64(data)); await stream.close() },
  hold: ({ protocol }) => (stream, connection) => {
    const key = streams.add(new Held(stream))
    emit('stream', { stream: key, protocol, peer: connection.remotePeer.toString() })
  }
}

async function consume (stream, pauseEveryBytes, pauseMilliseconds) {
  const hash = createHash('sha256')
  let bytes = 0
  let sincePause = 0
  stream.addEventListener('message', e => {
    for (const part of e.data instanceof Uint8Array ? [e.data] : e.data) {
      hash.update(part)
      bytes += part.byteLength
      sincePause += part.byteLength
    }
    if (pauseEveryBytes > 0 && sincePause >= pauseEveryBytes && !ended0(stream)) {
      sincePause = 0
      stream.pause()
      setTimeout(() => { try { stream.resume() } catch {} }, pauseMilliseconds)
    }
  })
  await ended(stream)
  return { bytes, digest: hash.digest() }
}

const state = stream => ({
  status: stream.status,
  writeStatus: stream.writeStatus,
  remoteWriteStatus: stream.remoteWriteStatus,
  writeBuffered: stream.writeBufferLength,
  readBuffered: stream.readBufferLength,
  sendWindow: stream.sendWindowCapacity,
  receiveWindow: stream.recvWindow
})

export const streamOps = {
  /** mode: echo, count, source, reply or hold. */
  handle: async o => {
    const handler = handlers[o.mode](o)
    await self().handle(o.protocol, (stream, connection) => {
      Promise.resolve(handler(stream, connection)).catch(err => emit('handlerFault', { protocol: o.protocol, ...describe(err) }))
    }, { maxInboundStreams: o.maxStreams ?? 100000, maxOutboundStreams: 100000, force: true })
  },
  unhandle: async ({ protocol }) => { await self().unhandle(protocol) },
  open: async ({ peer, protocols }) => {
    const stream = await connectionTo(peer).newStream(protocols, { maxOutboundStreams: 100000, signal: AbortSignal.timeout(15000) })
    return { stream: streams.add(new Held(stream)), protocol: stream.protocol }
  },
  /** Opens `count` streams at once, on each sends one byte and waits for one byte. */
  openMany: async ({ peer, protocol, count }) => {
    const connection = connectionTo(peer)
    const one = async () => {
      const stream = await connection.newStream(protocol, { maxOutboundStreams: 100000, signal: AbortSignal.timeout(60000) })
      const held = new Held(stream)
      stream.send(new Uint8Array([7]))
      const reply = await held.read(1)
      if (reply.length < 1) throw new Error(`stream ended: ${stream.status} ${held.error}`)
      await stream.close()
    }
    const results = await Promise.allSettled(Array.from({ length: count }, one))
    const failed = results.filter(r => r.status === 'rejected')
    return { answered: count - failed.length, firstFault: failed[0]?.reason?.message }
  },
  send: async ({ stream, data }) => ({ sent: streams.get(stream).stream.send(unb64(data)) }),
  fill: async ({ stream, bytes, writeBytes }) => { await sendPattern(streams.get(stream).stream, bytes, writeBytes) },
  read: async ({ stream, bytes }) => {
    const held = streams.get(stream)
    const data = await held.read(bytes)
    return { data: b64(data), ended: ended0(held.stream), fault: held.error?.name ?? null, ...state(held.stream) }
  },
  /** As read; fails with the fault of the stream when it ended before. */
  demand: async ({ stream, bytes }) => {
    const held = streams.get(stream)
    const data = await held.read(bytes)
    if (data.length < bytes) throw held.error ?? new Error(`the stream ended after ${data.length} of ${bytes} bytes`)
    return { data: b64(data) }
  },
  drain: async ({ stream }) => ({ bytes: await streams.get(stream).drain() }),
  closeWrite: async ({ stream }) => { await streams.get(stream).stream.close() },
  reset: async ({ stream }) => { streams.get(stream).stream.abort(new Error('reset by the test')) },
  pause: async ({ stream }) => { streams.get(stream).stream.pause() },
  resume: async ({ stream }) => { streams.get(stream).stream.resume() },
  state: async ({ stream }) => state(streams.get(stream).stream),
  /** Opens a stream, sends `bytes` of the pattern, half-closes and returns what the other end answered. */
  upload: async ({ peer, protocol, bytes, writeBytes }) => {
    const stream = await connectionTo(peer).newStream(protocol)
    const held = new Held(stream)
    const started = performance.now()
    await sendPattern(stream, bytes, writeBytes)
    await stream.close()
    const answer = await held.read(Number.MAX_SAFE_INTEGER)
    return { answer: b64(answer), milliseconds: performance.now() - started }
  },
  /** Opens a stream, asks for `bytes` and returns their count and SHA-256. */
  download: async ({ peer, protocol, bytes, pauseEveryBytes = 0, pauseMilliseconds = 0 }) => {
    const stream = await connectionTo(peer).newStream(protocol)
    const started = performance.now()
    const done = consume(stream, pauseEveryBytes, pauseMilliseconds)
    const head = Buffer.alloc(8)
    head.writeBigUInt64BE(BigInt(bytes))
    stream.send(head)
    const got = await done
    const fault = got.bytes === bytes ? null : `${got.bytes} of ${bytes} bytes, stream ${stream.status}`
    await stream.close().catch(() => {})
    return { bytes: got.bytes, sha256: b64(got.digest), fault, milliseconds: performance.now() - started }
  }
}
