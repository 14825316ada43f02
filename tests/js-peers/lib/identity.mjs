import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { sha256 } from 'multiformats/hashes/sha2'
import { b64, unb64 } from './wire.mjs'

/** The rule of the peer id specification; @libp2p/peer-id itself makes no peer id of an ECDSA key. */
const multihashOf = async publicKey => {
  const bytes = publicKeyToProtobuf(publicKey)
  return bytes.length <= 42 ? identity.digest(bytes) : await sha256.digest(bytes)
}
const textOf = multihash => base58btc.encode(multihash.bytes).slice(1)

async function keyFacts (key) {
  const multihash = await multihashOf(key.publicKey)
  const peer = key.type === 'ECDSA' ? null : peerIdFromPrivateKey(key)
  return {
    privateKey: b64(privateKeyToProtobuf(key)),
    publicKey: b64(publicKeyToProtobuf(key.publicKey)),
    peerId: peer?.toString() ?? textOf(multihash),
    cid: (peer?.toCID() ?? CID.createV1(0x72, multihash)).toString(),
    multihash: b64(multihash.bytes)
  }
}

export const identityOps = {
  /** type: Ed25519, secp256k1, ECDSA or RSA. */
  generateKey: async ({ type }) => keyFacts(type === 'RSA' ? await generateKeyPair('RSA', 2048) : await generateKeyPair(type)),
  describeKey: async ({ privateKey }) => keyFacts(privateKeyFromProtobuf(unb64(privateKey))),
  peerIdOfPublicKey: async ({ publicKey }) => ({ peerId: textOf(await multihashOf(publicKeyFromProtobuf(unb64(publicKey)))) }),
  parsePeerId: async ({ text }) => ({ multihash: b64(peerIdFromString(text).toMultihash().bytes) }),
  sign: async ({ privateKey, data }) => ({ signature: b64(await privateKeyFromProtobuf(unb64(privateKey)).sign(unb64(data))) }),
  verify: async ({ publicKey, data, signature }) =>
    ({ valid: await publicKeyFromProtobuf(unb64(publicKey)).verify(unb64(data), unb64(signature)) }),

  /** A peer record of the key, sealed in an envelope. */
  sealRecord: async ({ privateKey, addresses, sequence }) => {
    const key = privateKeyFromProtobuf(unb64(privateKey))
    const record = new PeerRecord({
      peerId: peerIdFromPrivateKey(key), multiaddrs: addresses.map(a => multiaddr(a)), seqNumber: BigInt(sequence)
    })
    return { envelope: b64((await RecordEnvelope.seal(record, key)).marshal()) }
  },
  openRecord: async ({ envelope }) => {
    const opened = await RecordEnvelope.openAndCertify(unb64(envelope), PeerRecord.DOMAIN)
    const record = PeerRecord.createFromProtobuf(opened.payload)
    return {
      peerId: record.peerId.toString(),
      sequence: record.seqNumber.toString(),
      addresses: record.multiaddrs.map(a => a.toString()),
      signer: peerIdFromPublicKey(opened.publicKey).toString()
    }
  },
  /** Any payload under any domain: the envelope alone. */
  sealEnvelope: async ({ privateKey, domain, payloadType, payload }) => {
    const record = { domain, codec: unb64(payloadType), marshal: () => unb64(payload), equals: () => false }
    return { envelope: b64((await RecordEnvelope.seal(record, privateKeyFromProtobuf(unb64(privateKey)))).marshal()) }
  },
  openEnvelope: async ({ envelope, domain }) => {
    const opened = await RecordEnvelope.openAndCertify(unb64(envelope), domain)
    return { payloadType: b64(opened.payloadType), payload: b64(opened.payload), signer: peerIdFromPublicKey(opened.publicKey).toString() }
  }
}
