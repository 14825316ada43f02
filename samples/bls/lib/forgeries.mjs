import { encodeReport, signedMessage } from './report.mjs'
import { deal, sign } from './threshold.mjs'

const [stranger] = deal({ members: 1, threshold: 1 }).shares
const byStranger = report => encodeReport({ ...report, signature: sign(stranger.secret, signedMessage(report)) })

/** Ways to forge a report, by name. */
export const forgeries = Object.entries({
  'other keys': report => byStranger({ ...report, sequence: report.sequence + 1n }),
  'other data': report => encodeReport({ ...report, data: Buffer.from(`block ${report.sequence} reverted`) }),
  'other sequence': report => encodeReport({ ...report, sequence: report.sequence + 1n }),
  'other network': report => byStranger({ ...report, networkId: 'bls-other' }),
  'cut off': report => encodeReport(report).subarray(0, -1),
  'more after the end': report => Buffer.concat([encodeReport(report), Buffer.from('\n')])
})
