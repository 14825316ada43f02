// The bytes of a report, of a member's share of one, and what both sign. Integers are big endian.
import { SIGNATURE_BYTES } from './threshold.mjs'

export const MAX_DATA_BYTES = 64 * 1024
const DOMAIN = Buffer.from('pmq-bls-report/1', 'ascii')
const VERSION = 1
const MAX_SEQUENCE = 2n ** 64n - 1n
const NETWORK_ID = /^[a-z0-9][a-z0-9.-]{0,63}$/

/**
 * What is signed. Every field but the last has a fixed length or says it, so no two reports share these bytes:
 *   domain      16 bytes  "pmq-bls-report/1"
 *   networkId   u8 length, then ASCII
 *   sequence    u64
 *   data        the rest
 */
export function signedMessage ({ networkId, sequence, data }) {
  return Buffer.concat([DOMAIN, idBytes(networkId), sequenceBytes(sequence), data])
}

/**
 * What is published:
 *   version     u8        1
 *   networkId   u8 length, then ASCII: [a-z0-9][a-z0-9.-]*, 1 to 64 characters
 *   sequence    u64
 *   data        u32 length, 1 to 65,536, then bytes
 *   signature   96 bytes  of the group, compressed
 */
export const encodeReport = report => encode(report, [])

/** The same with the member's index, u8 from 1, after the network id, and the member's signature. */
export const encodeShare = share => encode(share, [Buffer.from([share.signer])])

/** The only report that these bytes are the encoding of, or null: cut off, too long, or no report at all. */
export const decodeReport = bytes => decode(bytes, false)

/** The same for a share. */
export const decodeShare = bytes => decode(bytes, true)

/** Whether it can be the id of a network. */
export const isNetworkId = text => NETWORK_ID.test(text)

function encode ({ networkId, sequence, data, signature }, signer) {
  if (data.length < 1 || data.length > MAX_DATA_BYTES) throw new RangeError(`data: 1 to ${MAX_DATA_BYTES} bytes`)
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError(`signature: ${SIGNATURE_BYTES} bytes`)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([
    Buffer.from([VERSION]), idBytes(networkId), ...signer, sequenceBytes(sequence), length, data, signature
  ])
}

function decode (bytes, isShare) {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const idLength = input.length > 1 && input[0] === VERSION ? input[1] : 0
  // All that stands before the data; what a field says of lengths is compared with what is there before it is used.
  const head = 2 + idLength + (isShare ? 1 : 0) + 8 + 4
  if (idLength === 0 || input.length < head) return null
  const networkId = input.toString('latin1', 2, 2 + idLength)
  const dataLength = input.readUInt32BE(head - 4)
  if (!isNetworkId(networkId) || dataLength < 1 || dataLength > MAX_DATA_BYTES) return null
  if (input.length !== head + dataLength + SIGNATURE_BYTES) return null
  const report = {
    networkId,
    sequence: input.readBigUInt64BE(head - 12),
    data: input.subarray(head, head + dataLength),
    signature: input.subarray(head + dataLength)
  }
  return isShare ? { ...report, signer: input[2 + idLength] } : report
}

function idBytes (networkId) {
  if (!isNetworkId(networkId)) throw new RangeError(`network id ${networkId}: must match ${NETWORK_ID.source}`)
  return Buffer.from(`${String.fromCharCode(networkId.length)}${networkId}`, 'latin1')
}

function sequenceBytes (sequence) {
  if (typeof sequence !== 'bigint' || sequence < 0n || sequence > MAX_SEQUENCE) {
    throw new RangeError(`sequence ${sequence}: a BigInt from 0 to 2^64 − 1`)
  }
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(sequence)
  return bytes
}
