import { createInterface } from 'node:readline'

export const b64 = bytes => Buffer.from(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength).toString('base64')
export const unb64 = text => new Uint8Array(Buffer.from(text ?? '', 'base64'))

const write = object => process.stdout.write(JSON.stringify(object) + '\n')
const answer = (id, object) => write({ id, ...object })
export const emit = (event, object) => write({ event, ...object })
export const describe = err => ({ error: err?.name ?? 'Error', message: String(err?.message ?? err), stack: err?.stack })

/** Thousands of concurrent waits are normal here; each has its own table entry. */
export class Table {
  #next = 1
  #items = new Map()
  add (item) { const key = this.#next++; this.#items.set(key, item); return key }
  get (key) {
    const item = this.#items.get(key)
    if (item == null) throw new Error(`nothing numbered ${key}`)
    return item
  }
}

async function handle (ops, request) {
  const op = ops[request.op]
  try {
    if (op == null) throw new Error(`unknown op ${request.op}`)
    answer(request.id, { ok: true, ...await op(request) })
  } catch (err) {
    answer(request.id, { ok: false, ...describe(err) })
  }
}

/** Answers the requests on standard input until it closes. */
export function serve (ops) {
  // A fault that nothing awaited is an event: a test that did not expect it sees it in the peer's log.
  process.on('uncaughtException', err => emit('fault', describe(err)))
  process.on('unhandledRejection', err => emit('fault', describe(err)))

  createInterface({ input: process.stdin })
    .on('line', line => { if (line.trim() !== '') handle(ops, JSON.parse(line)) })
    .on('close', () => process.exit(0))
  emit('ready', { node: process.version })
}
