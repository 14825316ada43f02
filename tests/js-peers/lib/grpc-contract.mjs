import protoLoader from '@grpc/proto-loader'

const options = { keepCase: true, longs: String, enums: String, defaults: true }

/** The definitions of .proto files, by full name. */
export const load = (files, ...includeDirs) => protoLoader.loadSync(files, { ...options, includeDirs })

/** The same from serialized FileDescriptorProtos. */
export function loadDescriptors (files) {
  // FileDescriptorSet: file = 1, repeated.
  const parts = files.flatMap(file => [Buffer.from([0x0a, ...varint(file.length)]), file])
  return protoLoader.loadFileDescriptorSetFromBuffer(Buffer.concat(parts), options)
}

/** What binds both sides of a contract, one line a method, message and enum. */
export function contractOf (definitions) {
  return Object.entries(definitions).flatMap(([name, definition]) => {
    switch (definition.format) {
      case 'Protocol Buffer 3 DescriptorProto':
        return [`message ${name}:${definition.type.field.map(field).join(',')}`]
      case 'Protocol Buffer 3 EnumDescriptorProto':
        return [`enum ${name}:${definition.type.value.map(v => ` ${v.number} ${v.name}`).join(',')}`]
      default:
        return Object.values(definition).map(method)
    }
  }).sort()
}

function field ({ number, label, type, typeName, name }) {
  const kind = typeName ? typeName.replace(/^\./, '').split('.').at(-1) : type.replace('TYPE_', '').toLowerCase()
  return ` ${number} ${label === 'LABEL_REPEATED' ? 'repeated ' : ''}${kind} ${name}`
}

function method ({ path, requestStream, requestType, responseStream, responseType }) {
  const side = (streams, type) => `${streams ? 'stream ' : ''}${type.type.name}`
  return `rpc ${path}: ${side(requestStream, requestType)} to ${side(responseStream, responseType)}`
}

function varint (value) {
  const bytes = []
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  return [...bytes, value]
}
