import grpc from '@grpc/grpc-js'
import { dirname } from 'node:path'
import { contractOf, load, loadDescriptors } from './grpc-contract.mjs'
import { b64, emit, Table, unb64 } from './wire.mjs'

const PATIENCE_MS = 60_000
const insecure = grpc.credentials.createInsecure()
const additions = [
  'pmq/v1/publisher.proto', 'pmq/v1/peers.proto', 'grpc/health/v1/health.proto', 'grpc/reflection/v1/reflection.proto'
]

class StatusError extends Error {
  constructor ({ code, details }) {
    super(details)
    this.name = grpc.status[code]
  }
}

/** The ops of a node. `proto` in connect and contract: another file in place of the agent's pmq.proto. */
export function grpcNodeOps (protos) {
  const agents = new Table()
  const streams = new Table()
  const contract = proto => load(proto ?? 'pmq.proto', proto == null ? protos : dirname(proto))

  function connect ({ address, proto }) {
    const { proto: first } = grpc.loadPackageDefinition(contract(proto))
    const { pmq, grpc: standard } = grpc.loadPackageDefinition(load(additions, protos))
    return {
      agent: agents.add({
        control: new first.ControlService(address, insecure),
        router: new first.MsgRouter(address, insecure),
        validation: new first.ValidationRouter(address, insecure),
        publisher: new pmq.v1.PublisherService(address, insecure),
        peers: new pmq.v1.PeerService(address, insecure),
        health: new standard.health.v1.Health(address, insecure),
        reflection: new standard.reflection.v1.ServerReflection(address, insecure)
      })
    }
  }

  /** Follows a stream by events; resolves when its headers come, since the agent has then taken it up. */
  function follow (call, factsOf) {
    const stream = streams.add({ call, held: [] })
    call.on('data', message => emit('message', { stream, ...factsOf(message, streams.get(stream)) }))
    call.on('error', () => {})
    call.on('status', status => emit('ended', {
      stream, status: grpc.status[status.code], details: status.details, trailers: status.metadata.getMap()
    }))
    return new Promise((resolve, reject) => {
      call.on('metadata', () => resolve({ stream }))
      call.on('status', status => reject(new StatusError(status)))
    })
  }

  return {
    connect,
    contract: ({ proto }) => ({ lines: contractOf(contract(proto)) }),

    async publish ({ agent, topic, data }) {
      const { response, trailers } = await unary(agents.get(agent).control, 'Publish', { topic, data: unb64(data) })
      return { messageId: response.message_id, trailers }
    },
    subscribe: async ({ agent, topic }) => { await unary(agents.get(agent).control, 'Subscribe', { topic }) },
    unsubscribe: async ({ agent, topic }) => { await unary(agents.get(agent).control, 'Unsubscribe', { topic }) },
    listPeers: async ({ agent }) => (await unary(agents.get(agent).peers, 'ListPeers', {})).response,

    async publishMany ({ agent, items }) {
      const requests = items.map(item => ({ ...item, data: unb64(item.data) }))
      return { receipts: await exchange(agents.get(agent).publisher.Publish(deadline()), requests) }
    },

    listen: ({ agent, topics = [], maxRate = 0 }) =>
      follow(agents.get(agent).router.Listen({ topics, max_rate: maxRate }), facts),

    /**
     * Judges by the first rule whose text the data contains, else by `otherwise`; HOLD leaves it to the op judge.
     * `echo`: the verdict carries the whole message back, as the first clients do, not just topic and id.
     */
    verify ({ agent, topics, mode, rules = [], otherwise, echo = false }) {
      const metadata = new grpc.Metadata()
      if (topics != null) metadata.set('pmq-topics', topics.map(encodeURIComponent).join(','))
      if (mode != null) metadata.set('pmq-mode', mode)
      const call = agents.get(agent).validation.Handle(metadata)
      return follow(call, (message, { held }) => {
        const result = rules.find(rule => message.data.includes(rule.contains))?.result ?? otherwise
        const msg = echo ? message : { topic: message.topic, message_id: message.message_id }
        if (result === 'HOLD') held.push(msg)
        else call.write({ result, msg })
        return facts(message)
      })
    },

    /** Gives what a verifier holds, or the messages of the request, a verdict. */
    judge ({ stream, result, messages }) {
      const { call, held } = streams.get(stream)
      for (const msg of messages ?? held.splice(0)) call.write({ result, msg })
    },

    cancel: ({ stream }) => { streams.get(stream).call.cancel() },
    /** Closes the node's side alone. */
    close: ({ stream }) => { streams.get(stream).call.end() },

    check: async ({ agent, service }) => (await unary(agents.get(agent).health, 'Check', { service })).response,
    watch: ({ agent, service }) => follow(agents.get(agent).health.Watch({ service }), ({ status }) => ({ status })),

    async services ({ agent }) {
      const [answer] = await reflect(agents.get(agent), { list_services: '' })
      return { services: answer.list_services_response.service.map(service => service.name) }
    },
    async reflectedContract ({ agent, symbol }) {
      const [answer] = await reflect(agents.get(agent), { file_containing_symbol: symbol })
      return { lines: contractOf(loadDescriptors(answer.file_descriptor_response.file_descriptor_proto)) }
    },

    /** A unary call with an empty request to any path. */
    call: async ({ agent, path }) => {
      const same = bytes => bytes
      await ended(done => agents.get(agent).control.makeUnaryRequest(
        path, same, same, Buffer.alloc(0), new grpc.Metadata(), deadline(), done))
    }
  }
}

const deadline = () => ({ deadline: Date.now() + PATIENCE_MS })
const facts = ({ message_id: messageId, topic, data }) => ({ messageId, topic, data: b64(data) })
const unary = (client, method, request) => ended(done => client[method](request, new grpc.Metadata(), deadline(), done))
const reflect = ({ reflection }, request) => exchange(reflection.ServerReflectionInfo(deadline()), [request])

/** The response of a unary call and its trailers, which grpc-js tells apart from each other. */
function ended (start) {
  return new Promise((resolve, reject) => {
    let response
    start((_, value) => { response = value }).on('status', status => {
      if (status.code === grpc.status.OK) resolve({ response, trailers: status.metadata.getMap() })
      else reject(new StatusError(status))
    })
  })
}

/** Writes all requests, closes, and reads to the end. */
function exchange (call, requests) {
  return new Promise((resolve, reject) => {
    const responses = []
    call.on('data', response => responses.push(response))
    call.on('error', () => {})
    call.on('status', status => status.code === grpc.status.OK ? resolve(responses) : reject(new StatusError(status)))
    for (const request of requests) call.write(request)
    call.end()
  })
}
