// What a node of any other network needs of the BLS network's reports: a verifier at its agent, and a consumer.
//
//   node verifier.mjs --agent 127.0.0.1:8001 --network network.json --mark verifier.mark
import { Agent } from './lib/agent.mjs'
import { MarkFile } from './lib/mark.mjs'
import { readNetwork } from './lib/network.mjs'
import { flags, run, say } from './lib/program.mjs'
import { decodeReport } from './lib/report.mjs'
import { ReportVerifier } from './lib/verifier.mjs'

await run(async signal => {
  const options = flags({
    agent: { type: 'string' },
    network: { type: 'string' },
    mark: { type: 'string' }
  }, 'agent', 'network', 'mark')
  const network = readNetwork(options.network)
  const verifier = new ReportVerifier(network, new MarkFile(options.mark))
  const agent = new Agent(options.agent)

  const judge = async ({ topic, message_id: messageId, data }) => {
    const { result, reason } = await verifier.judge(data)
    if (result === 'REJECT') say('refused', { overlay: topic, reason, messageId })
    return result
  }
  const consume = ({ topic, message_id: messageId, data }) => {
    const { sequence, data: payload } = decodeReport(data)
    say('consumed', { overlay: topic, sequence: `${sequence}`, text: payload.toString(), messageId })
  }

  await Promise.all([
    agent.verify([network.overlay], judge, {
      signal, onAttached: () => say('verifying'), onFault: error => say('fault', { text: error.message })
    }),
    agent.listen([network.overlay], consume, { signal, onAttached: () => say('listening') })
  ])
  agent.close()
})
