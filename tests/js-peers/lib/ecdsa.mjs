// ECDSA keys as the peer id specification has them: PKIX DER in the protobuf form, SHA-256, DER signatures. @libp2p/crypto writes
// another structure into Data and refuses the specification's, and makes no peer id of such a key; Node's own cryptography judges them.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'

const ecdsaType = 3
const field = (tag, bytes) => Buffer.concat([Buffer.from([tag, ...(bytes.length < 128 ? [bytes.length] : [bytes.length & 127 | 128, bytes.length >> 7])]), bytes])
const protobuf = data => Buffer.concat([Buffer.from([0x08, ecdsaType]), field(0x12, data)])

const dataOf = bytes => {
  const long = bytes[3] >= 128
  return Buffer.from(bytes.subarray(long ? 5 : 4))
}

export const isEcdsa = bytes => bytes[0] === 0x08 && bytes[1] === ecdsaType

export function generateEcdsa () {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKey: protobuf(pair.privateKey.export({ format: 'der', type: 'sec1' })),
    publicKey: protobuf(pair.publicKey.export({ format: 'der', type: 'spki' }))
  }
}

export const signEcdsa = (privateKey, data) =>
  sign('sha256', data, createPrivateKey({ key: dataOf(privateKey), format: 'der', type: 'sec1' }))

export const verifyEcdsa = (publicKey, data, signature) =>
  verify('sha256', data, createPublicKey({ key: dataOf(publicKey), format: 'der', type: 'spki' }), signature)
