// A node of the BLS network, beside its agent: signs what the network agrees on, shows its share to the other members,
// joins theirs, and publishes the report of the group. Verifies the shares and the reports of its own network, and
// consumes the OCR2 reports of another, which a C# verifier at the same agent judges.
//
//   node node.mjs --agent 127.0.0.1:8001 --network network.json --share share-1.json --mark node-1.mark --rounds 20
//                 [--interval 250] [--consume OVERLAY]
import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent } from './lib/agent.mjs'
import { MarkFile } from './lib/mark.mjs'
import { readNetwork } from './lib/network.mjs'
import { readOcr2 } from './lib/ocr2.mjs'
import { flags, run, say, whole } from './lib/program.mjs'
import { encodeReport, encodeShare, signedMessage } from './lib/report.mjs'
import { ShareCollector } from './lib/shares.mjs'
import { sign } from './lib/threshold.mjs'
import { ReportVerifier } from './lib/verifier.mjs'

/** How long a round waits for the others. */
const PATIENCE_MS = 10_000

/** Stands for the consensus of a network: in every round all honest members get the same bytes to sign. */
const agree = sequence => Buffer.from(`block ${sequence} finalized`)

class Node {
  #agent
  #network
  #share
  #shares
  #verifier
  #progress = new EventEmitter()
  #high

  constructor (agent, network, share, mark) {
    this.#agent = agent
    this.#network = network
    this.#share = share
    this.#shares = new ShareCollector(network)
    this.#verifier = new ReportVerifier(network, mark)
    this.#high = mark.value ?? 0n
    this.#shares.finish(this.#high)
  }

  /** The rules of both overlays of the network. */
  async judge ({ topic, message_id: messageId, data }) {
    if (topic === this.#network.sharesOverlay) {
      const { result, reason } = this.#shares.judge(data)
      if (result === 'ACCEPT') this.#progress.emit('progress')
      if (result === 'REJECT') say('refused', { overlay: topic, reason, messageId })
      return result
    }
    const { result, reason, report } = await this.#verifier.judge(data)
    if (result === 'ACCEPT') this.#reach(report.sequence)
    if (result === 'REJECT') say('refused', { overlay: topic, reason, messageId })
    return result
  }

  async runRounds (rounds, intervalMs, signal) {
    for (const last = this.#high + BigInt(rounds); this.#high < last && !signal.aborted;) {
      const sequence = this.#high + 1n
      // 1. The network agrees on what it reports; each member signs that and shows its share to the others.
      const report = { networkId: this.#network.networkId, sequence, data: agree(sequence) }
      const signature = sign(this.#share.secret, signedMessage(report))
      const share = encodeShare({ ...report, signer: this.#share.index, signature })
      this.#shares.judge(share)
      await this.#agent.publish(this.#network.sharesOverlay, share)

      // 2. As many shares as the threshold make the report. Whoever joins which of them, its bytes are the same.
      const joined = await this.#collect(sequence, signal)
      if (joined != null) await this.#publish(joined)
      await delay(intervalMs, null, { signal }).catch(() => {})
    }
  }

  async #publish (report) {
    const bytes = encodeReport(report)
    // Our own verifier is not asked about what we publish ourselves: it hears of the sequence here.
    const { result } = await this.#verifier.judge(bytes)
    if (result !== 'ACCEPT') return
    this.#reach(report.sequence)
    const { messageId } = await this.#agent.publish(this.#network.overlay, bytes)
    say('published', { overlay: this.#network.overlay, sequence: `${report.sequence}`, messageId })
  }

  /** The report; null when it came from another member, or when nobody made it in time. */
  async #collect (sequence, signal) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    for (;;) {
      if (this.#high >= sequence) return null
      const report = this.#shares.tryCombine(sequence)
      if (report != null) return report
      try {
        await once(this.#progress, 'progress', { signal: limit })
      } catch {
        if (!signal.aborted) {
          say('noQuorum', { sequence: `${sequence}` })
          this.#reach(sequence)
        }
        return null
      }
    }
  }

  #reach (sequence) {
    if (sequence > this.#high) this.#high = sequence
    this.#shares.finish(this.#high)
    this.#progress.emit('progress')
  }
}

await run(async signal => {
  const options = flags({
    agent: { type: 'string' },
    network: { type: 'string' },
    share: { type: 'string' },
    mark: { type: 'string' },
    rounds: { type: 'string' },
    interval: { type: 'string', default: '250' },
    consume: { type: 'string', multiple: true, default: [] }
  }, 'agent', 'network', 'share', 'mark', 'rounds')
  const rounds = whole('rounds', options.rounds, 0)
  const interval = whole('interval', options.interval, 0)
  const network = readNetwork(options.network)
  const { index, secret } = JSON.parse(readFileSync(options.share, 'utf8'))
  const agent = new Agent(options.agent)
  const node = new Node(agent, network, { index, secret: Buffer.from(secret, 'hex') }, new MarkFile(options.mark))

  const consume = ({ topic, message_id: messageId, data }) => {
    const { sequence, payload } = readOcr2(data)
    say('consumed', { overlay: topic, sequence: `${sequence}`, text: payload.toString(), messageId })
  }
  const consuming = options.consume.length === 0
    ? []
    : [agent.listen(options.consume, consume, { signal, onAttached: () => say('listening') })]
  let verifying
  const attached = new Promise(resolve => {
    verifying = agent.verify([network.sharesOverlay, network.overlay], message => node.judge(message), {
      signal, onAttached: resolve, onFault: error => say('fault', { text: error.message })
    })
  })
  await Promise.race([attached, verifying])
  say('verifying')
  await Promise.all([verifying, ...consuming, node.runRounds(rounds, interval, signal).then(() => say('done'))])
  agent.close()
})
