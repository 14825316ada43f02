// A gRPC server: node server.mjs ADDRESS. Serves EchoService, health and reflection; prints {"address": …} when ready.
import grpc from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import { HealthImplementation } from 'grpc-health-check'
import { echo } from './lib.mjs'

const status = ({ code, text }) => {
  const metadata = new grpc.Metadata()
  metadata.add('x-text', 'trailer')
  metadata.add('x-bytes-bin', Buffer.from([0, 1, 255]))
  return { code, details: text, metadata }
}

const server = new grpc.Server()
server.addService(echo.definition['pmq.test.EchoService'], {
  Echo (call, answer) {
    const metadata = new grpc.Metadata()
    for (const key of ['x-text', 'x-bytes-bin']) for (const value of call.metadata.get(key)) metadata.add(key, value)
    call.sendMetadata(metadata)
    answer(null, call.request, metadata)
  },
  Fail (call, answer) { answer(status(call.request)) },
  FailAfter (call) {
    for (let number = 0; number < call.request.messages; number++) call.write({ number })
    call.emit('error', status(call.request))
  },
  Hang (call) { call.on('cancelled', () => console.log(JSON.stringify({ cancelled: true }))) },
  Hold () {},
  Count (call) {
    let number = 0
    const more = () => {
      while (number < Number(call.request.count)) {
        if (!call.write({ number: number++, data: Buffer.alloc(call.request.size) })) return call.once('drain', more)
      }
      call.end()
    }
    more()
  },
  Sum (call, answer) {
    let count = 0
    let sum = 0
    let bytes = 0
    call.on('data', (message) => { count++; sum += Number(message.number); bytes += message.data.length })
    call.on('end', () => answer(null, { count, sum, bytes }))
  },
  Chat (call) {
    call.on('data', (message) => call.write(message))
    call.on('end', () => call.end())
  }
})
new HealthImplementation({ '': 'SERVING', 'pmq.test.EchoService': 'NOT_SERVING' }).addToServer(server)
new ReflectionService(echo.definition).addToServer(server)
server.bindAsync(process.argv[2], grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(JSON.stringify({ address: process.argv[2].startsWith('unix:') ? process.argv[2] : `127.0.0.1:${port}` }))
})
process.stdin.on('end', () => process.exit(0)).resume()
