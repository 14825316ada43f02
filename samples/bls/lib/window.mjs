// Which sequences of a network are in order. Only what is signed by the network's group comes here, so a forger
// cannot move it. Sequences are BigInt, so that differences have a sign and nothing wraps.

/** All of it is the node's to set; the defaults are those of Pmq.Verifiers. */
export const WINDOW_DEFAULTS = Object.freeze({
  /** A report so many sequences behind the highest, or more, is ignored. */
  skip: 100n,
  /** A report more than so many behind is rejected, while in step. */
  validity: 1000n,
  /** A report more than so many ahead is too new: rejected while in step. */
  future: 1000n,
  /** How long after an accepted report the window counts as in step. */
  inStepMs: 30_000
})

/** So many rising sequences that are too new, seen out of step, show that it is we who are behind. */
const RISING = 3

export class SequenceWindow {
  #options
  #high
  #floor
  /** sequence → digest of the accepted reports that are less than `skip` behind: at most so many. */
  #accepted = new Map()
  #lastAccepted = -Infinity
  /** When a window that had to guess its place may begin to reject. */
  #trustedFrom = -Infinity
  #far = { highest: -1n, count: 0 }

  /** `mark`: the highest sequence that was accepted before a restart, or null for a window that has none yet. */
  constructor (mark, options = {}) {
    this.#options = { ...WINDOW_DEFAULTS, ...options }
    this.#high = mark
    this.#floor = mark ?? -1n
  }

  /** The highest sequence so far; null when there is none. */
  get high () { return this.#high }

  /** Tells a window without a mark where the network is, before it judges anything. */
  place (sequence, now) {
    if (this.#high == null || sequence > this.#high) this.#high = sequence
    this.#trustedFrom = now + this.#options.inStepMs
  }

  /** Judges a sequence, and remembers it when the result is ACCEPT. `now` in milliseconds, never falling. */
  judge (sequence, digest, now) {
    if (this.#high == null) this.place(sequence, now)
    const behind = this.#high - sequence
    if (-behind > this.#options.future) return this.#judgeFar(sequence, digest, now)
    if (behind > this.#options.validity) return verdict(this.#inStep(now) ? 'REJECT' : 'IGNORE', 'stale')
    if (behind >= this.#options.skip) return verdict('IGNORE', 'old')
    const known = this.#accepted.get(sequence)
    if (known != null && known !== digest) return verdict('IGNORE', 'equivocation')
    if (known != null || sequence <= this.#floor) return verdict('IGNORE', 'seen')
    this.#lastAccepted = now
    return this.#accept(sequence, digest)
  }

  #judgeFar (sequence, digest, now) {
    if (this.#inStep(now)) return verdict('REJECT', 'tooNew')
    this.#far = { highest: sequence, count: sequence > this.#far.highest ? this.#far.count + 1 : 1 }
    if (this.#far.count < RISING) return verdict('IGNORE', 'tooNew')
    this.#far = { highest: -1n, count: 0 }
    this.place(sequence, now)
    return this.#accept(sequence, digest)
  }

  #accept (sequence, digest) {
    if (sequence > this.#high) this.#high = sequence
    this.#accepted.set(sequence, digest)
    for (const other of this.#accepted.keys()) {
      if (this.#high - other >= this.#options.skip) this.#accepted.delete(other)
    }
    return verdict('ACCEPT', 'accepted')
  }

  #inStep (now) {
    return now >= this.#trustedFrom && now - this.#lastAccepted <= this.#options.inStepMs
  }
}

const verdict = (result, reason) => ({ result, reason })
