// A gRPC client: node client.mjs ADDRESS. Calls an EchoService, health and reflection, and prints one line a scenario:
// {"name": …, "result": …} or {"name": …, "error": …}. The test that started it judges the results.
import grpc from '@grpc/grpc-js'
import healthCheck from 'grpc-health-check'
import { echo, product } from './lib.mjs'

const address = process.argv[2]
const insecure = grpc.credentials.createInsecure()
const client = new echo.services.pmq.test.EchoService(address, insecure)
const deadline = (ms) => ({ deadline: Date.now() + ms })

const failure = (error) => ({
  code: error.code,
  details: error.details,
  text: error.metadata?.get('x-text'),
  bytes: error.metadata?.get('x-bytes-bin').map((value) => value.toString('hex'))
})

function unary (method, request, metadata = new grpc.Metadata(), options = {}, to = client) {
  return new Promise((resolve) => {
    const result = {}
    const call = to[method](request, metadata, options, (error, response) => {
      if (error) Object.assign(result, failure(error))
      else result.response = response
    })
    call.on('metadata', (headers) => { result.headers = headers.getMap() })
    call.on('status', (status) => {
      result.status = status.code
      result.trailers = status.metadata.getMap()
      setImmediate(resolve, result)
    })
  })
}

function read (call, onMessage = () => {}) {
  return new Promise((resolve) => {
    let count = 0
    let failed = {}
    call.on('data', (message) => { count++; onMessage(message, count) })
    call.on('error', (error) => { failed = failure(error) })
    call.on('status', (status) => setImmediate(resolve, { count, status: status.code, ...failed }))
  })
}

function reflect (file, name, requests) {
  const Service = name(product(file).services)
  const call = new Service(address, insecure).ServerReflectionInfo()
  return new Promise((resolve, reject) => {
    const answers = []
    call.on('data', (answer) => answers.push(answer))
    call.on('error', reject)
    call.on('end', () => resolve(answers.map((answer) => ({
      services: answer.list_services_response?.service.map((service) => service.name),
      files: answer.file_descriptor_response?.file_descriptor_proto.map((file) => file.toString('base64')),
      error: answer.error_response?.error_code,
      host: answer.valid_host
    }))))
    for (const request of requests) call.write({ host: 'h', ...request })
    call.end()
  })
}

const scenarios = {
  async unary () {
    const { response, status } = await unary('Echo', { number: '18446744073709551615', data: Buffer.from('data') })
    return { number: response.number, data: response.data.toString(), status }
  },
  async empty () { return (await unary('Echo', {})).response.data.length },
  async large () {
    const data = Buffer.alloc(4 * 1024 * 1024 - 10, 7)
    return (await unary('Echo', { data })).response.data.equals(data)
  },
  async too_large () { return unary('Echo', { data: Buffer.alloc(4 * 1024 * 1024) }) },
  async fail () { return unary('Fail', { code: 5, text: '100 % ключ' }) },
  async exception () { return unary('Fail', { code: 17, text: 'secret' }) },
  async fail_after () { return read(client.FailAfter({ code: 9, text: 'late', messages: 3 })) },
  async unknown_method () {
    const Other = grpc.makeGenericClientConstructor({
      Nothing: { ...echo.definition['pmq.test.EchoService'].Echo, path: '/pmq.test.EchoService/Nothing' }
    })
    return unary('Nothing', {}, undefined, {}, new Other(address, insecure))
  },
  async unknown_service () {
    const Service = product('pmq.proto').services.proto.ControlService
    return unary('Publish', { topic: 't' }, undefined, {}, new Service(address, insecure))
  },
  async deadline () { return unary('Hang', {}, undefined, deadline(150)) },
  async cancel () {
    return new Promise((resolve) => {
      const call = client.Hang({}, (error) => resolve(failure(error)))
      setTimeout(() => call.cancel(), 100)
    })
  },
  async server_stream () {
    let expected = 0
    let ordered = true
    const result = await read(client.Count({ count: 5000, size: 100 }), (message) => {
      ordered &&= Number(message.number) === expected++ && message.data.length === 100
    })
    return { ...result, ordered }
  },
  async server_stream_cancelled () {
    const call = client.Count({ count: '1000000000', size: 1000 })
    return read(call, (_, count) => { if (count === 100) call.cancel() }).then(({ code }) => ({ code }))
  },
  async client_stream () {
    return new Promise((resolve, reject) => {
      const call = client.Sum((error, response) => error ? reject(error) : resolve(response))
      for (let number = 1; number <= 1000; number++) call.write({ number, data: Buffer.alloc(10) })
      call.end()
    })
  },
  async chat () {
    const call = client.Chat()
    let ordered = true
    const result = read(call, (message, count) => {
      ordered &&= Number(message.number) === count
      if (count < 500) call.write({ number: count + 1 })
      else call.end()
    })
    call.write({ number: 1 })
    return { ...await result, ordered }
  },
  async metadata () {
    const metadata = new grpc.Metadata()
    metadata.add('x-text', 'a')
    metadata.add('x-text', 'b')
    metadata.add('x-bytes-bin', Buffer.from([0, 1, 255]))
    const { headers, trailers } = await unary('Echo', {}, metadata)
    const facts = (map) => ({ text: map['x-text'], bytes: map['x-bytes-bin'].toString('hex') })
    return { headers: facts(headers), trailers: facts(trailers) }
  },
  async compressed () {
    const gzip = new echo.services.pmq.test.EchoService(address, insecure, { 'grpc.default_compression_algorithm': 2 })
    return unary('Echo', { data: Buffer.alloc(1000) }, undefined, {}, gzip)
  },
  async health () {
    const Health = grpc.makeGenericClientConstructor(healthCheck.service)
    const to = new Health(address, insecure)
    const check = (service) =>
      unary('check', { service }, undefined, {}, to).then(({ response, code }) => response?.status ?? code)
    const watched = []
    const call = to.watch({ service: 'late' })
    call.on('error', () => {})
    const watch = new Promise((resolve) => call.on('data', ({ status }) => {
      watched.push(status)
      // The server announces the service when it is asked for this name.
      if (watched.length === 1) unary('Echo', { data: Buffer.from('announce late') })
      else { call.cancel(); resolve() }
    }))
    await watch
    return { whole: await check(''), unknown: await check('nothing'), watched }
  },
  async reflection_v1 () {
    return reflect('grpc/reflection/v1/reflection.proto', (s) => s.grpc.reflection.v1.ServerReflection, [
      { list_services: '' }, { file_containing_symbol: 'pmq.test.EchoService' }, { file_by_filename: 'none.proto' }])
  },
  async reflection_v1alpha () {
    return reflect('grpc/reflection/v1alpha/reflection.proto', (s) => s.grpc.reflection.v1alpha.ServerReflection, [
      { list_services: '' }, { file_by_filename: 'echo.proto' }, {}])
  },
  async protos () {
    const { definition } = product('pmq.proto')
    const paths = (name) =>
      Object.values(definition[name]).map((m) => `${m.path} ${+m.requestStream}${+m.responseStream}`)
    product('pmq/v1/publisher.proto')
    product('pmq/v1/peers.proto')
    return ['proto.ControlService', 'proto.MsgRouter', 'proto.ValidationRouter'].flatMap(paths)
  }
}

for (const [name, run] of Object.entries(scenarios)) {
  const line = await Promise.race([
    run().then((result) => ({ name, result }), (error) => ({ name, error: String(error?.stack ?? error) })),
    new Promise((resolve) => setTimeout(resolve, 60_000, { name, error: 'no end within 60 s' }).unref())
  ])
  console.log(JSON.stringify(line))
}
process.exit(0)
