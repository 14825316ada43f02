import { forgeries } from './forgeries.mjs'
import { MEMBERS } from './setup.mjs'

/** Counts what the programs of a run say, and knows when all that is expected has come. */
export class Tally {
  #rounds
  /** consumer → sequences of the other network's reports */
  #consumed = new Map(['ocr', 'bls'].flatMap(network => MEMBERS.map(index => [`${network}/${index}`, new Set()])))
  /** message id → kind of forgery */
  #forged = new Map()
  /** message ids that a node rejected */
  #refused = new Set()
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

  refuse (messageId) {
    this.#refused.add(messageId)
    this.#look()
  }

  /** What came of it; `isGood` when all that was expected has been consumed and nothing forged. */
  summary () {
    // The C# network goes on until it is ended: what it sends beyond the expected counts for nothing.
    const consumed = network => MEMBERS.reduce(
      (sum, index) => sum + Math.min(this.#rounds, this.#consumed.get(`${network}/${index}`).size), 0)
    const forged = [...this.#forged.keys()]
    const refused = forged.filter(id => this.#refused.has(id))
    const kinds = ids => new Set(ids.map(id => this.#forged.get(id))).size
    const forgedAccepted = forged.filter(id => this.#accepted.has(id)).length
    const refusedTrue = [...this.#refused].filter(id => !this.#forged.has(id)).length
    const expected = this.#rounds * MEMBERS.length
    const facts = {
      rounds: this.#rounds,
      expected,
      blsConsumed: consumed('ocr'),
      ocr2Consumed: consumed('bls'),
      forged: forged.length,
      forgedRefused: refused.length,
      kindsForged: kinds(forged),
      kindsRefused: kinds(refused),
      forgedAccepted,
      trueRefused: refusedTrue,
      faults: this.#faults
    }
    // A neighbour whose messages are rejected is sent nothing more to forge, and soon not heard: how much it forges is not
    // up to us.
    const isGood = facts.blsConsumed === expected && facts.ocr2Consumed === expected && forgedAccepted === 0 &&
      facts.kindsRefused === Math.min(this.#rounds, forgeries.length) && refusedTrue === 0 && this.#faults.length === 0
    return { isGood, facts }
  }

  #look () { if (this.summary().isGood) this.#resolve() }
}
