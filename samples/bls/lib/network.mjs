import { readFileSync } from 'node:fs'
import { isNetworkId } from './report.mjs'
import { PUBLIC_KEY_BYTES, publicKey } from './threshold.mjs'

/**
 * What everyone pins of a network, from its file:
 * `{ "networkId", "overlay", "sharesOverlay", "threshold", "groupKey": hex, "shareKeys": [hex, …] }`; the key of
 * member i is the i-th, from 1.
 */
export function readNetwork (path) {
  try {
    return parseNetwork(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new Error(`${path}: ${error.message}`, { cause: error })
  }
}

export function parseNetwork ({ networkId, overlay, sharesOverlay, threshold, groupKey, shareKeys }) {
  if (!isNetworkId(networkId)) throw new Error(`networkId ${networkId}: must be lower-case letters, digits, - and .`)
  const keys = shareKeys.map((text, i) => keyOf(`shareKeys[${i}]`, text))
  if (new Set(shareKeys.map(key => key.toLowerCase())).size !== keys.length) throw new Error('shareKeys: one is there twice')
  if (!(Number.isInteger(threshold) && threshold >= 1 && threshold <= keys.length)) {
    throw new Error(`threshold ${threshold}: must be 1 to ${keys.length}, the number of shareKeys`)
  }
  return { networkId, overlay, sharesOverlay, threshold, groupKey: keyOf('groupKey', groupKey), shareKeys: keys }
}

function keyOf (name, text) {
  if (!new RegExp(`^[0-9a-fA-F]{${2 * PUBLIC_KEY_BYTES}}$`).test(text)) {
    throw new Error(`${name}: must be ${2 * PUBLIC_KEY_BYTES} hexadecimal digits`)
  }
  try {
    return publicKey(Buffer.from(text, 'hex'))
  } catch (error) {
    throw new Error(`${name}: is no public key (${error.message})`)
  }
}
