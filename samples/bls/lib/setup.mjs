// The files of a run. A real network makes its keys together, and no one ever holds all of them; the dealer here does.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deal } from './threshold.mjs'

export const MEMBERS = [1, 2, 3, 4]
export const BLS = { networkId: 'bls-demo', overlay: 'bls-demo.reports.1', sharesOverlay: 'bls-demo.shares' }
export const OCR = { networkId: 'ocr-demo', overlay: 'ocr-demo.reports.1' }

const hex = bytes => Buffer.from(bytes).toString('hex')

/**
 * Writes `bls.json`, which everyone has, and `bls-1.json` … with a member's share of the key; `ocr.yaml`, the networks
 * file of the C# network, and `ocr-1.key` … with its members' keys.
 */
export async function writeFiles (folder, threshold, pmq) {
  const write = (name, text) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  const { groupKey, shares } = deal({ members: MEMBERS.length, threshold })
  const shareKeys = shares.map(({ publicKey }) => hex(publicKey))
  write('bls.json', JSON.stringify({ ...BLS, threshold, groupKey: hex(groupKey), shareKeys }))
  for (const { index, secret } of shares) write(`bls-${index}.json`, JSON.stringify({ index, secret: hex(secret) }))
  const keygen = async index => {
    const { stdout } = await promisify(execFile)(
      pmq, ['keygen', '--report', 'ocr2', '--out', join(folder, `ocr-${index}.key`)])
    return stdout.trim()
  }
  const signers = await Promise.all(MEMBERS.map(keygen))
  write('ocr.yaml', `networks:
  - id: ${OCR.networkId}
    overlays: [${OCR.overlay}]
    epochs:
      - digest: ${hex(randomBytes(32))}
        scheme: ocr2
        f: 1
        quorum: f+1
        signers: [${signers.join(', ')}]
`)
}
