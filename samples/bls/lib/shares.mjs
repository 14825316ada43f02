import { decodeShare, signedMessage } from './report.mjs'
import { combine, verify } from './threshold.mjs'

/** How many sequences beyond the next one shares are kept of; a member must not fill our memory with its signatures. */
const AHEAD = 16n

/**
 * Judges and keeps the shares of our own network, and joins them as soon as there are enough of one report. Holds at
 * most one share a member and sequence, of at most 17 sequences.
 */
export class ShareCollector {
  #network
  /** sequence → member → { data, signature } */
  #shares = new Map()
  #done = -1n

  constructor (network) { this.#network = network }

  /** Forgets what leads up to a report that is there, and takes no more of it. */
  finish (sequence) {
    if (sequence > this.#done) this.#done = sequence
    for (const other of this.#shares.keys()) {
      if (other <= this.#done) this.#shares.delete(other)
    }
  }

  /** Judges an encoded share: `{ result, reason, share }`. An accepted one is kept. */
  judge (bytes) {
    const share = decodeShare(bytes)
    if (share == null) return { result: 'REJECT', reason: 'malformed', share }
    if (share.networkId !== this.#network.networkId) return { result: 'REJECT', reason: 'otherNetwork', share }
    const key = this.#network.shareKeys[share.signer - 1]
    if (key == null) return { result: 'REJECT', reason: 'unknownMember', share }
    const ahead = share.sequence - this.#done
    if (ahead <= 0n) return { result: 'IGNORE', reason: 'old', share }
    if (!verify(key, signedMessage(share), share.signature)) return { result: 'REJECT', reason: 'badSignature', share }
    if (ahead > AHEAD + 1n) return { result: 'IGNORE', reason: 'tooNew', share }
    const members = this.#shares.get(share.sequence) ?? new Map()
    const known = members.get(share.signer)
    if (known != null) {
      return { result: 'IGNORE', reason: known.data.equals(share.data) ? 'seen' : 'equivocation', share }
    }
    members.set(share.signer, { data: Buffer.from(share.data), signature: Buffer.from(share.signature) })
    this.#shares.set(share.sequence, members)
    return { result: 'ACCEPT', reason: 'accepted', share }
  }

  /** The report of a sequence, with the group's signature; null as long as fewer than the threshold agree on its data. */
  tryCombine (sequence) {
    const groups = new Map()
    for (const [index, { data, signature }] of this.#shares.get(sequence) ?? []) {
      const text = data.toString('latin1')
      const group = groups.get(text) ?? { data, parts: [] }
      group.parts.push({ index, signature })
      groups.set(text, group)
      if (group.parts.length === this.#network.threshold) {
        return { networkId: this.#network.networkId, sequence, data, signature: combine(group.parts) }
      }
    }
    return null
  }
}
