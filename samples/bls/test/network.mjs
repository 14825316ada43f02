// A network whose keys the tests know.
import { encodeReport, signedMessage } from '../lib/report.mjs'
import { combine, deal, publicKey, sign } from '../lib/threshold.mjs'

export function dealtNetwork ({ networkId = 'bls-demo', members = 4, threshold = 3 } = {}) {
  const { groupKey, shares } = deal({ members, threshold })
  const network = {
    networkId,
    overlay: `${networkId}.reports.1`,
    sharesOverlay: `${networkId}.shares`,
    threshold,
    groupKey: publicKey(groupKey),
    shareKeys: shares.map(share => publicKey(share.publicKey))
  }
  const partial = (index, report) =>
    ({ index, signature: sign(shares[index - 1].secret, signedMessage({ networkId, ...report })) })
  const signed = (sequence, text = `data ${sequence}`) => {
    const report = { networkId, sequence, data: Buffer.from(text) }
    const indices = Array.from({ length: threshold }, (_, i) => i + 1)
    return { ...report, signature: combine(indices.map(i => partial(i, report))) }
  }
  return { network, shares, partial, signed, encoded: (...of) => encodeReport(signed(...of)) }
}
