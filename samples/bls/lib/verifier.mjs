import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { decodeReport, signedMessage } from './report.mjs'
import { verify } from './threshold.mjs'
import { SequenceWindow } from './window.mjs'

const SETTLING_MS = 1000

/**
 * Judges the reports of one BLS network: encoding, network, signature, then the place in the network's order. Each
 * judgement is `{ result, reason, report }`, where result is the name of a `ValidationResult`.
 */
export class ReportVerifier {
  #network
  #mark
  #window
  #now
  #settled

  /**
   * `network`: as `readNetwork` gives it. `mark`: a `MarkFile`, or null to forget with the process. `window`: options
   * of `SequenceWindow`. `now` and `settle` are the clock.
   */
  constructor (network, mark = null, { window, now = () => performance.now(), settle = () => delay(SETTLING_MS) } = {}) {
    this.#network = network
    this.#mark = mark
    this.#window = new SequenceWindow(mark?.value ?? null, window)
    this.#now = now
    // Without a mark nobody knows what is old: the first second only watches, then the highest report is the mark.
    this.#settled = mark?.value == null ? settle().then(() => { this.#settled = null }) : null
  }

  /** The highest sequence; null when there is none. */
  get high () { return this.#window.high }

  async judge (data) {
    const report = decodeReport(data)
    if (report == null) return { result: 'REJECT', reason: 'malformed', report }
    if (report.networkId !== this.#network.networkId) return { result: 'REJECT', reason: 'otherNetwork', report }
    if (!verify(this.#network.groupKey, signedMessage(report), report.signature)) {
      return { result: 'REJECT', reason: 'badSignature', report }
    }
    if (this.#settled != null) {
      this.#window.place(report.sequence)
      await this.#settled
    }
    const digest = createHash('sha256').update(report.data).digest('hex')
    const judgement = this.#window.judge(report.sequence, digest, this.#now())
    if (judgement.result === 'ACCEPT') this.#mark?.save(report.sequence)
    return { ...judgement, report }
  }
}
