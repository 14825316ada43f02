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
  /** T: in step is a window that has been rising for so long, never resting longer than that. */
  inStepMs: 30_000
})

/** So many rising sequences that are too new show that it is we who are behind. */
const RISING = 3

export class SequenceWindow {
  #options
  #high
  #floor
  /** sequence → digest of the accepted reports that are less than `skip` behind: at most so many. */
  #accepted = new Map()
  #risingSince = -Infinity
  #lastRisen = -Infinity
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
  place (sequence) {
    if (this.#high == null || sequence > this.#high) this.#high = sequence
  }

  /** Judges a sequence, and remembers it when the result is ACCEPT. `now` in milliseconds, never falling. */
  judge (sequence, digest, now) {
    if (this.#high == null) this.place(sequence)
    const behind = this.#high - sequence
    if (-behind > this.#options.future) return this.#judgeFar(sequence, digest, now)
    if (behind > this.#options.validity) return verdict(this.#inStep(now) ? 'REJECT' : 'IGNORE', 'stale')
    if (behind >= this.#options.skip) return verdict('IGNORE', 'old')
    const known = this.#accepted.get(sequence)
    if (known != null && known !== digest) return verdict('IGNORE', 'equivocation')
    if (known != null || sequence <= this.#floor) return verdict('IGNORE', 'seen')
    return this.#accept(sequence, digest, now)
  }

  #judgeFar (sequence, digest, now) {
    this.#far = { highest: sequence, count: sequence > this.#far.highest ? this.#far.count + 1 : 1 }
    const isShown = this.#far.count >= RISING
    if (this.#inStep(now)) {
      if (!isShown) return verdict('REJECT', 'tooNew')
      // Somebody has fed us the past for long enough. The next one moves the window.
      this.#risingSince = now
      return verdict('IGNORE', 'tooNew')
    }
    if (!isShown) return verdict('IGNORE', 'tooNew')
    this.#far = { highest: -1n, count: 0 }
    return this.#accept(sequence, digest, now)
  }

  #accept (sequence, digest, now) {
    if (sequence >= this.#high) {
      if (now - this.#lastRisen > this.#options.inStepMs) this.#risingSince = now
      this.#lastRisen = now
      this.#high = sequence
    }
    this.#accepted.set(sequence, digest)
    for (const other of this.#accepted.keys()) {
      if (this.#high - other >= this.#options.skip) this.#accepted.delete(other)
    }
    return verdict('ACCEPT', 'accepted')
  }

  /**
   * Whether we can tell what no honest peer would pass on. One accepted report does not show it: after a long absence
   * that may be an old one, sent again so that we reject the present.
   */
  #inStep (now) {
    const { inStepMs } = this.#options
    return now - this.#risingSince >= inStepMs && now - this.#lastRisen <= inStepMs
  }
}

const verdict = (result, reason) => ({ result, reason })
