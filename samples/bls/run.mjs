// Two networks on this machine, which exchange their reports: four BLS nodes in JavaScript and four OCR2 nodes in C#,
// an agent beside each; and an attacker with an agent of its own, who forges reports of the BLS network.
//
//   node run.mjs [--rounds 20] [--interval 250] [--threshold 3] [--json] [--pmq FILE] [--don FILE]
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Agent } from './lib/agent.mjs'
import { Children } from './lib/children.mjs'
import { flags, run, whole } from './lib/program.mjs'
import { BLS, MEMBERS, OCR, writeFiles } from './lib/setup.mjs'
import { Tally } from './lib/tally.mjs'

const MESH_MS = 30_000
const SPARE_MS = 30_000

const here = name => fileURLToPath(new URL(name, import.meta.url))
const names = network => MEMBERS.map(index => `${network}/${index}`)

class Exchange {
  #options
  #folder
  #agentProcesses
  #programs
  #tally
  #agents = new Map()

  constructor (options, folder, onLost) {
    this.#options = options
    this.#folder = folder
    this.#agentProcesses = new Children(onLost)
    this.#programs = new Children(onLost)
    this.#tally = new Tally(options.rounds)
  }

  async toEnd () {
    const { rounds, interval } = this.#options
    await this.#startAgents()
    await this.#meshed()
    await this.#startVerifiers()
    await this.#startNodes()
    await Promise.race([this.#tally.complete, delay(rounds * (interval + 250) + SPARE_MS, null, { ref: false })])
  }

  async end () {
    await this.#agentProcesses.end(this.#programs.end())
    for (const { client } of this.#agents.values()) client.close()
  }

  summary () { return this.#tally.summary() }

  /** One agent of each network after the other; each dials those that are there. */
  async #startAgents () {
    const topics = { bls: [BLS.sharesOverlay, BLS.overlay, OCR.overlay], ocr: [BLS.overlay] }
    const peers = []
    for (const index of MEMBERS) {
      peers.push(...await Promise.all(
        ['bls', 'ocr'].map(network => this.#startAgent(`${network}/${index}`, topics[network], peers))))
    }
    await this.#startAgent('attacker', [BLS.overlay], peers.slice(-2), '--validation', 'none')
  }

  #startAgent (name, topics, peers, ...more) {
    const socket = `unix:${this.#file(`${name}.sock`)}`
    const args = ['agent', '--listen', '/ip4/127.0.0.1/tcp/0', '--grpc', socket, '--http', 'off',
      '--loglevel', 'error', '--libp2p-loglevel', 'error',
      ...topics.flatMap(topic => ['--topic', topic]), ...peers.flatMap(peer => ['--peer', peer]), ...more]
    return new Promise(resolve => {
      this.#agentProcesses.start(`${name} agent`, this.#options.pmq, args, line => {
        const { listen: [address] } = JSON.parse(line)
        this.#agents.set(name, { grpc: socket, client: new Agent(socket) })
        resolve(address)
      })
    })
  }

  /** Ends when each agent has as many neighbours in an overlay as make sure that it hangs together. */
  async #meshed () {
    const deadline = Date.now() + MESH_MS
    const wait = async (name, topic, count) => {
      while (await this.#agents.get(name).client.meshOf(topic) < count) {
        if (Date.now() > deadline) throw new Error(`the agent of ${name} has found too few who want ${topic}`)
        await delay(50)
      }
    }
    // A BLS node's agent is linked to the three others; of the nine agents on the last overlay each wants five.
    await Promise.all([
      wait('attacker', BLS.overlay, 2),
      ...names('bls').flatMap(name => [BLS.sharesOverlay, OCR.overlay].map(topic => wait(name, topic, 3))),
      ...[...names('bls'), ...names('ocr')].map(name => wait(name, BLS.overlay, 5))
    ])
  }

  /** At the agents of each network, what verifies the reports of the other one. */
  async #startVerifiers () {
    const pmqVerify = name => new Promise(resolve => {
      const args = ['verify', '--networks', this.#file('ocr.yaml'), '--agent', this.#agents.get(name).grpc,
        '--state', this.#file(`${name}.state`)]
      this.#programs.start(`${name} pmq verify`, this.#options.pmq, args, () => {}, line => {
        if (line.includes('verifying')) resolve()
        else process.stderr.write(`${name} pmq verify: ${line}\n`)
      })
    })
    const verifiers = names('ocr').map(name => this.#startScript(
      name, 'verifier.mjs', ['--mark', this.#file(`${name}.mark`)], 'verifying', 'listening'))
    await Promise.all([
      ...names('bls').map(pmqVerify),
      ...verifiers,
      this.#startScript('attacker', 'attacker.mjs', ['--count', this.#options.rounds], 'listening')
    ])
  }

  /** The nodes of the BLS network, and those of the C# network as soon as somebody hears them. */
  async #startNodes () {
    const { rounds, interval, don } = this.#options
    await Promise.all(MEMBERS.map(index => this.#startScript(`bls/${index}`, 'node.mjs', [
      '--share', this.#file(`bls-${index}.json`), '--mark', this.#file(`bls-${index}.mark`),
      '--rounds', rounds, '--interval', interval, '--consume', OCR.overlay
    ], 'verifying', 'listening')))
    for (const index of MEMBERS) {
      this.#programs.start(`ocr/${index} node`, don, [
        'node', '--network', OCR.networkId, '--agent', this.#agents.get(`ocr/${index}`).grpc,
        '--networks', this.#file('ocr.yaml'), '--key', this.#file(`ocr-${index}.key`),
        '--state', this.#file(`ocr-${index}.state`), '--interval', interval / 1000
      ], line => this.#print(`ocr/${index} ${line}`))
    }
  }

  /** Starts one of our programs beside the agent of that name; resolves when it has said all of `events`. */
  #startScript (name, script, args, ...events) {
    const common = ['--agent', this.#agents.get(name).grpc, '--network', this.#file('bls.json')]
    const awaited = new Set(events)
    return new Promise(resolve => {
      this.#programs.start(`${name} ${script}`, process.execPath, [here(script), ...common, ...args], line => {
        const { event, ...facts } = JSON.parse(line)
        this.#hear(name, event, facts)
        if (awaited.delete(event) && awaited.size === 0) resolve()
      })
    })
  }

  #hear (name, event, { overlay, sequence, text, reason, kind, messageId }) {
    switch (event) {
      case 'published':
        return this.#print(`${name} published ${overlay} #${sequence}`)
      case 'consumed':
        this.#print(`${name} consumed ${overlay} #${sequence} ${text}`)
        return this.#tally.consume(name, overlay, sequence, messageId)
      case 'forged':
        this.#print(`${name} forged ${messageId}: ${kind}`)
        return this.#tally.forge(kind, messageId)
      case 'refused':
        this.#print(`${name} refused ${messageId}: ${reason}`)
        return this.#tally.refuse(messageId)
      case 'noQuorum':
        return this.#print(`${name} has no quorum for #${sequence}`)
      case 'fault':
        return this.#print(`${name} failed: ${text}`)
    }
  }

  #print (text) { if (!this.#options.json) process.stdout.write(`${text}\n`) }

  #file (name) { return join(this.#folder, name.replace('/', '-')) }
}

await run(async signal => {
  const built = name => here(`../../artifacts/bin/${name}`)
  const options = flags({
    rounds: { type: 'string', default: '20' },
    interval: { type: 'string', default: '250' },
    threshold: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    pmq: { type: 'string', default: built('Pmq.Cli/release/pmq') },
    don: { type: 'string', default: built('Don/release/Don') }
  })
  for (const name of ['rounds', 'interval', 'threshold']) options[name] = whole(name, options[name], 1)
  for (const name of ['pmq', 'don']) {
    try {
      accessSync(options[name], constants.X_OK)
    } catch {
      throw new Error(`--${name} ${options[name]}: is not there; dotnet build -c Release makes it`)
    }
  }

  const folder = mkdtempSync(join(tmpdir(), 'pmq-bls-'))
  try {
    let fail
    const failed = new Promise((_, reject) => { fail = reject })
    failed.catch(() => {})
    signal.addEventListener('abort', () => fail(new Error('interrupted')))
    await writeFiles(folder, options.threshold, options.pmq)
    const exchange = new Exchange(options, folder, fail)
    try {
      await Promise.race([exchange.toEnd(), failed])
    } finally {
      await exchange.end()
    }
    const { isGood, facts } = exchange.summary()
    process.stdout.write(options.json ? `${JSON.stringify({ event: 'bls', ...facts })}\n` : `${textOf(facts)}\n`)
    if (!isGood) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function textOf ({
  expected, blsConsumed, ocr2Consumed, forged, forgedRefused, kindsForged, kindsRefused, forgedAccepted, trueRefused, faults
}) {
  return [
    ...faults,
    `BLS reports consumed by the C# network's nodes: ${blsConsumed} of ${expected}; ` +
    `OCR2 reports consumed by the BLS network's: ${ocr2Consumed} of ${expected}; ` +
    `forged: ${forged} of ${kindsForged} kinds, refused: ${forgedRefused} of ${kindsRefused} kinds, accepted: ${forgedAccepted}; ` +
    `true ones refused: ${trueRefused}`
  ].join('\n')
}
