import { MEMBERS } from './setup.mjs'

/** Counts what the programs of a run say, and knows when all that is expected has come. */
export class Tally {
  #rounds
  /** consumer → sequences of the other network's reports */
  #consumed = new Map(['ocr', 'bls'].flatMap(network => MEMBERS.map(index => [`${network}/${index}`, new Set()])))
  /** message id → kind of forgery */
  #forged = new Map()
  /** message id → networks whose nodes rejected it */
  #refused = new Map()
  #accepted = new Set()
  #faults = []
  #resolve
  /** Resolves when everything expected has come. */
  complete = new Promise(resolve => { this.#resolve = resolve })

  constructor (rounds) { this.#rounds = rounds }

  consume (name, overlay, sequence, messageId) {
    const all = this.#consumed.get(name)
    if (all.has(sequence)) this.#faults.push(`${name} consumed #${sequence} of ${overlay} twice`)
    all.add(sequence)
    this.#accepted.add(messageId)
    this.#look()
  }

  forge (kind, messageId) {
    this.#forged.set(messageId, kind)
    this.#look()
  }

  refuse (name, messageId) {
    const networks = this.#refused.get(messageId) ?? new Set()
    this.#refused.set(messageId, networks.add(name.split('/')[0]))
    this.#look()
  }

  /** What came of it; `isGood` when all that was expected has been consumed and nothing forged. */
  summary () {
    // The C# network goes on until it is ended: what it sends beyond the expected counts for nothing.
    const consumed = network => MEMBERS.reduce(
      (sum, index) => sum + Math.min(this.#rounds, this.#consumed.get(`${network}/${index}`).size), 0)
    const forged = [...this.#forged.keys()]
    const byBoth = forged.filter(id => this.#refused.get(id)?.size === 2).length
    const forgedAccepted = forged.filter(id => this.#accepted.has(id)).length
    const refusedTrue = [...this.#refused.keys()].filter(id => !this.#forged.has(id)).length
    const expected = this.#rounds * MEMBERS.length
    const facts = {
      rounds: this.#rounds,
      expected,
      blsConsumed: consumed('ocr'),
      ocr2Consumed: consumed('bls'),
      forged: forged.length,
      forgedRefused: byBoth,
      forgedAccepted,
      trueRefused: refusedTrue,
      faults: this.#faults
    }
    const isGood = facts.blsConsumed === expected && facts.ocr2Consumed === expected && forgedAccepted === 0 &&
      forged.length === this.#rounds && byBoth === forged.length && refusedTrue === 0 && this.#faults.length === 0
    return { isGood, facts }
  }

  #look () { if (this.summary().isGood) this.#resolve() }
}
