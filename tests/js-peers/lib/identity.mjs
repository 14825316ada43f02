import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromPublicKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { sha256 } from 'multiformats/hashes/sha2'
import { generateEcdsa, isEcdsa, signEcdsa, verifyEcdsa } from './ecdsa.mjs'
import { b64, unb64 } from './wire.mjs'

/** The rule of the peer id specification. */
const multihashOf = async publicKey => publicKey.length <= 42 ? identity.digest(publicKey) : await sha256.digest(publicKey)

async function facts (privateKey, publicKey) {
  const multihash = await multihashOf(publicKey)
  return {
    privateKey: b64(privateKey),
    publicKey: b64(publicKey),
    multihash: b64(multihash.bytes),
    ...(isEcdsa(publicKey)
      ? { peerId: base58btc.encode(multihash.bytes).slice(1), cid: CID.createV1(0x72, multihash).toString() }
      : { peerId: peerIdOf(publicKey).toString(), cid: peerIdOf(publicKey).toCID().toString() })
  }
}

const peerIdOf = publicKey => peerIdFromPublicKey(publicKeyFromProtobuf(publicKey))
const factsOf = key => facts(privateKeyToProtobuf(key), publicKeyToProtobuf(key.publicKey))

async function generate (type) {
  if (type === 'ECDSA') {
    const { privateKey, publicKey } = generateEcdsa()
    return facts(privateKey, publicKey)
  }
  return factsOf(type === 'RSA' ? await generateKeyPair('RSA', 2048) : await generateKeyPair(type))
}

export const identityOps = {
  /** type: Ed25519, secp256k1, ECDSA or RSA. */
  generateKey: ({ type }) => generate(type),
  describeKey: ({ privateKey }) => factsOf(privateKeyFromProtobuf(unb64(privateKey))),
  describePublicKey: ({ publicKey }) => facts(new Uint8Array(), unb64(publicKey)),
  sign: async ({ privateKey, data }) => {
    const key = unb64(privateKey)
    return { signature: b64(isEcdsa(key) ? signEcdsa(key, unb64(data)) : await privateKeyFromProtobuf(key).sign(unb64(data))) }
  },
  verify: async ({ publicKey, data, signature }) => {
    const key = unb64(publicKey)
    return {
      valid: isEcdsa(key)
        ? verifyEcdsa(key, unb64(data), unb64(signature))
        : await publicKeyFromProtobuf(key).verify(unb64(data), unb64(signature))
    }
  },

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
