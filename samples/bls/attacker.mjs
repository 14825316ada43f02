// An attacker with an agent that asks nobody: forges each report of the BLS network that it hears, another way each time.
//
//   node attacker.mjs --agent 127.0.0.1:8001 --network network.json --count 20
import { Agent } from './lib/agent.mjs'
import { readNetwork } from './lib/network.mjs'
import { flags, run, say, whole } from './lib/program.mjs'
import { decodeReport, encodeReport, signedMessage } from './lib/report.mjs'
import { deal, sign, verify } from './lib/threshold.mjs'

const [stranger] = deal({ members: 1, threshold: 1 }).shares
const byStranger = report => encodeReport({ ...report, signature: sign(stranger.secret, signedMessage(report)) })

const forgeries = Object.entries({
  'other keys': report => byStranger({ ...report, sequence: report.sequence + 1n }),
  'other data': report => encodeReport({ ...report, data: Buffer.from(`block ${report.sequence} reverted`) }),
  'other sequence': report => encodeReport({ ...report, sequence: report.sequence + 1n }),
  'other network': report => byStranger({ ...report, networkId: 'bls-other' }),
  'cut off': report => encodeReport(report).subarray(0, -1),
  'more after the end': report => Buffer.concat([encodeReport(report), Buffer.from('\n')])
})

await run(async signal => {
  const options = flags(
    { agent: { type: 'string' }, network: { type: 'string' }, count: { type: 'string' } }, 'agent', 'network', 'count')
  const count = whole('count', options.count, 0)
  const network = readNetwork(options.network)
  const agent = new Agent(options.agent)
  let made = 0
  await agent.listen([network.overlay], async ({ data }) => {
    const report = decodeReport(data)
    // Our agent delivers our own forgeries too.
    const isTrue = report != null && verify(network.groupKey, signedMessage(report), report.signature)
    if (!isTrue || made === count) return
    const [kind, forge] = forgeries[made++ % forgeries.length]
    const { messageId } = await agent.publish(network.overlay, forge(report))
    say('forged', { kind, messageId })
  }, { signal, onAttached: () => say('listening') })
  agent.close()
})
