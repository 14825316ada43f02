// An attacker with an agent that asks nobody: forges reports of the BLS network that it hears, each in every way. Soon the
// other agents neither send it any nor hear it.
//
//   node attacker.mjs --agent 127.0.0.1:8001 --network network.json --count 20
import { Agent } from './lib/agent.mjs'
import { readNetwork } from './lib/network.mjs'
import { flags, run, say, whole } from './lib/program.mjs'
import { forgeries } from './lib/forgeries.mjs'
import { decodeReport, signedMessage } from './lib/report.mjs'
import { verify } from './lib/threshold.mjs'

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
    const now = forgeries.slice(0, count - made)
    made += now.length
    await Promise.all(now.map(async ([kind, forge]) => {
      const { messageId } = await agent.publish(network.overlay, forge(report))
      say('forged', { kind, messageId })
    }))
  }, { signal, onAttached: () => say('listening') })
  agent.close()
})
