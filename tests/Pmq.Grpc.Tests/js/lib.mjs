// What client.mjs and server.mjs share: the protos of the tests and of the product, loaded from their files.
import grpc from '@grpc/grpc-js'
import protoLoader from '@grpc/proto-loader'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
export const repository = path.resolve(here, '../../..')
const options = { keepCase: true, longs: String, defaults: true, bytes: Buffer }

export function load (file, root) {
  const definition = protoLoader.loadSync(file, { ...options, includeDirs: [path.resolve(repository, root)] })
  return { definition, services: grpc.loadPackageDefinition(definition) }
}

export const echo = load('echo.proto', 'tests/Pmq.Grpc.Tests/proto')
export const product = (file) => load(file, 'src/Pmq.Protocol/proto')
