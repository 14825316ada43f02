// What a node needs of its agent, over gRPC.
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import grpc from '@grpc/grpc-js'
import protoLoader from '@grpc/proto-loader'

// Outside of this repository: copy these files and name your folder here.
const PROTOS = fileURLToPath(new URL('../../../src/Pmq.Protocol/proto', import.meta.url))
const { proto, pmq } = grpc.loadPackageDefinition(protoLoader.loadSync(
  ['pmq.proto', 'pmq/v1/peers.proto'], { includeDirs: [PROTOS], keepCase: true, enums: String, defaults: true }))

const CALL_MS = 10_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000
/** An agent that asks again within this time asks because the stream broke: its verdict timeout is 5 s. */
const REMEMBERED_MS = 10_000
const MAX_REMEMBERED = 4096
/** grpc-js alone would wait up to two minutes before it dials an agent again that was away. */
const CHANNEL = { 'grpc.initial_reconnect_backoff_ms': FIRST_RETRY_MS, 'grpc.max_reconnect_backoff_ms': LAST_RETRY_MS }
/** Trying again does not help against these. */
const FINAL = new Set(
  ['INVALID_ARGUMENT', 'UNAUTHENTICATED', 'PERMISSION_DENIED', 'UNIMPLEMENTED'].map(name => grpc.status[name]))

export class Agent {
  #control
  #router
  #validation
  #peers

  /** `address`: HOST:PORT or unix:PATH of an agent on this machine. */
  constructor (address) {
    const credentials = grpc.credentials.createInsecure()
    this.#control = new proto.ControlService(address, credentials, CHANNEL)
    this.#router = new proto.MsgRouter(address, credentials, CHANNEL)
    this.#validation = new proto.ValidationRouter(address, credentials, CHANNEL)
    this.#peers = new pmq.v1.PeerService(address, credentials, CHANNEL)
  }

  /** Publishes, and resolves to the message id and the number of peers that it goes to. */
  publish (topic, data) {
    return new Promise((resolve, reject) => {
      let answer
      const options = { deadline: Date.now() + CALL_MS }
      const call = this.#control.Publish({ topic, data }, new grpc.Metadata({ waitForReady: true }), options,
        (error, response) => { error == null ? answer = response : reject(error) })
      // The outcome comes as trailers, after the answer.
      call.on('status', ({ metadata }) => {
        const count = name => Number(metadata.get(name)[0] ?? 0)
        if (answer != null) resolve({ messageId: answer.message_id, peers: count('pmq-sent') + count('pmq-queued') })
      })
    })
  }

  /** How many peers are in the agent's mesh of a topic. */
  meshOf (topic) {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + CALL_MS }
      this.#peers.ListPeers({}, new grpc.Metadata({ waitForReady: true }), options, (error, response) => {
        if (error != null) return reject(error)
        resolve(response.peers.filter(peer => peer.mesh_topics.includes(topic)).length)
      })
    })
  }

  /**
   * Hands each accepted message of the topics to `handle`, one at a time, until the signal aborts. `onAttached` is
   * called each time the agent has taken us up, also after a restart.
   */
  listen (topics, handle, { signal, onAttached }) {
    return this.#stay(signal, onAttached, metadata => this.#router.Listen({ topics }, metadata), handle)
  }

  /**
   * Judges the messages of the topics until the signal aborts: `judge` gives the name of a `ValidationResult`, or a
   * promise of it. At most `concurrency` are under way. If it throws, the message is ignored: our fault is no peer's.
   * When the stream breaks before the agent has a verdict, it asks again, and gets the verdict that was given then:
   * rules with a memory would take the message for a repetition.
   */
  verify (topics, judge, { signal, onAttached, onFault = () => {}, concurrency = 64 }) {
    const underWay = new Set()
    const judgeOnce = rememberResults(judge)
    const open = metadata => {
      metadata.set('pmq-topics', topics.map(encodeURIComponent).join(','))
      return this.#validation.Handle(metadata)
    }
    return this.#stay(signal, onAttached, open, async (message, call) => {
      const answer = async () => {
        let result = 'IGNORE'
        try {
          result = await judgeOnce(message)
        } catch (error) {
          onFault(error)
        }
        // The agent knows the message by these two; the data need not travel back. What write returns can be left
        // alone: the agent asks about no more than it has room for, so no more verdicts than that can wait here.
        const msg = { topic: message.topic, message_id: message.message_id }
        if (call.writable) call.write({ result, msg })
      }
      const task = answer().finally(() => underWay.delete(task))
      underWay.add(task)
      // Not to read on is to push back: the agent keeps the rest.
      if (underWay.size >= concurrency) await Promise.race(underWay)
    })
  }

  close () {
    for (const client of [this.#control, this.#router, this.#validation, this.#peers]) client.close()
  }

  /** Opens a stream, reads it, and opens it again when it ends, at longer and longer intervals, until the signal aborts. */
  async #stay (signal, onAttached, open, handle) {
    let wait = FIRST_RETRY_MS
    while (!signal.aborted) {
      const call = open(new grpc.Metadata({ waitForReady: true }))
      const cancel = () => call.cancel()
      signal.addEventListener('abort', cancel)
      call.on('metadata', () => { wait = FIRST_RETRY_MS; onAttached?.() })
      // What ends the stream is thrown by the loop; without a listener a second telling would end the process.
      call.on('error', () => {})
      try {
        for await (const message of call) await handle(message, call)
      } catch (error) {
        if (!signal.aborted && FINAL.has(error.code)) throw error
      } finally {
        signal.removeEventListener('abort', cancel)
        call.cancel()
      }
      await delay(wait * (0.5 + Math.random() / 2), null, { signal }).catch(() => {})
      wait = Math.min(2 * wait, LAST_RETRY_MS)
    }
  }
}

/** Judges a message once, also if it is asked about again soon after or meanwhile; unless judging failed. */
export function rememberResults (judge, now = () => performance.now()) {
  const results = new Map()
  return message => {
    const key = `${message.message_id} ${message.topic}`
    const known = results.get(key)
    if (known != null && now() - known.since <= REMEMBERED_MS) return known.result
    const result = Promise.resolve(message).then(judge)
    results.delete(key)
    results.set(key, { since: now(), result })
    result.catch(() => { if (results.get(key)?.result === result) results.delete(key) })
    if (results.size > MAX_REMEMBERED) results.delete(results.keys().next().value)
    return result
  }
}
