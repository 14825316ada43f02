// Threshold signatures on BLS12-381: shares of one secret key by Shamir, and the interpolation that joins partial
// signatures into the one signature that the group key verifies. Public keys in G1 (48 bytes), signatures in G2
// (96 bytes), both compressed; Ethereum's ciphersuite with proof of possession, as blst's binding has it.
import { randomBytes } from 'node:crypto'
import blst from '@chainsafe/blst'

/** r: how many elements both groups have. Exponents are computed modulo it. */
export const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n
const ORDER_BITS = 255n
export const PUBLIC_KEY_BYTES = 48
export const SIGNATURE_BYTES = 96

const mod = value => ((value % ORDER) + ORDER) % ORDER

/**
 * Splits a new secret key: any `threshold` of the `members` shares sign for the group, fewer learn nothing. Who runs
 * this knows the key: it stands in for the distributed key generation of a real network.
 */
export function deal ({ members, threshold }) {
  if (!(Number.isInteger(members) && members >= 1 && members <= 255)) throw new RangeError('members: 1 to 255')
  if (!(Number.isInteger(threshold) && threshold >= 1 && threshold <= members)) {
    throw new RangeError('threshold: 1 to the number of members')
  }
  // f(x) = a0 + a1 x + …, a0 the group's secret; member i holds f(i), so no member has the index 0.
  const coefficients = Array.from({ length: threshold }, randomScalar)
  const at = x => coefficients.reduceRight((sum, a) => mod(sum * BigInt(x) + a), 0n)
  const share = index => {
    const secret = secretKey(at(index))
    return { index, secret: secret.toBytes(), publicKey: secret.toPublicKey().toBytes() }
  }
  return {
    groupKey: secretKey(coefficients[0]).toPublicKey().toBytes(),
    shares: Array.from({ length: members }, (_, i) => share(i + 1))
  }
}

/** A public key from the network's file; throws on anything but a point of the group that is not infinity. */
export const publicKey = bytes => {
  if (bytes.length !== PUBLIC_KEY_BYTES) throw new RangeError(`a public key has ${PUBLIC_KEY_BYTES} bytes`)
  return blst.PublicKey.fromBytes(bytes, true)
}

/** The signature of a message, or one member's part of it, as 96 bytes. */
export const sign = (secret, message) => blst.SecretKey.fromBytes(secret).sign(message).toBytes()

/** Whether 96 bytes are the signature of a message; any bytes give an answer. */
export function verify (key, message, signature) {
  const point = parse(signature)
  // The key was checked when it was read, the point when it was parsed.
  return point != null && blst.verify(message, key, point, false, false)
}

/**
 * Joins partial signatures by their members' indices. They must have been verified, and be as many as the threshold or
 * more: one wrong part spoils the whole.
 */
export function combine (parts) {
  const points = parts.map(({ signature }) => parse(signature))
  const scalars = lagrangeAtZero(parts.map(({ index }) => index))
  // Σ λᵢσᵢ by doubling and adding, all sums in one pass. The binding adds points and does not multiply them.
  let sum = null
  for (let bit = ORDER_BITS - 1n; bit >= 0n; bit--) {
    const terms = points.filter((_, i) => (scalars[i] >> bit) & 1n)
    if (sum != null) terms.push(sum, sum)
    if (terms.length > 0) sum = blst.aggregateSignatures(terms)
  }
  return sum.toBytes()
}

/** λᵢ = Π j / (j − i) over the other indices j: f(0) = Σ λᵢ f(i) for every f of lower degree. */
export function lagrangeAtZero (indices) {
  if (indices.length === 0) throw new RangeError('no partial signatures')
  if (new Set(indices).size !== indices.length || indices.some(i => i < 1)) {
    throw new RangeError('indices: different, from 1')
  }
  return indices.map(i => {
    const others = indices.filter(j => j !== i)
    const above = others.reduce((product, j) => mod(product * BigInt(j)), 1n)
    const below = others.reduce((product, j) => mod(product * BigInt(j - i)), 1n)
    return mod(above * inverse(below))
  })
}

/** A point of the right subgroup that is not infinity, or null. */
function parse (signature) {
  if (signature.length !== SIGNATURE_BYTES) return null
  try {
    return blst.Signature.fromBytes(signature, true, true)
  } catch {
    return null
  }
}

/** By Fermat: r is prime. */
function inverse (value) {
  let result = 1n
  for (let base = value, exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n, base = mod(base * base)) {
    if (exponent & 1n) result = mod(result * base)
  }
  return result
}

const secretKey = scalar => blst.SecretKey.fromBytes(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex'))

/** Uniform from 1 to r − 1. */
function randomScalar () {
  for (;;) {
    const scalar = BigInt(`0x${randomBytes(32).toString('hex')}`) >> (256n - ORDER_BITS)
    if (scalar > 0n && scalar < ORDER) return scalar
  }
}
