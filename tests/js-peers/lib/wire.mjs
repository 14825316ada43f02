export const b64 = bytes => Buffer.from(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength).toString('base64')
export const unb64 = text => new Uint8Array(Buffer.from(text ?? '', 'base64'))

const write = object => process.stdout.write(JSON.stringify(object) + '\n')
export const answer = (id, object) => write({ id, ...object })
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
