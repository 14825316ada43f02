import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** The highest accepted sequence, in a file: a decimal number and a line feed. */
export class MarkFile {
  #path
  #saved

  /** Throws when there is a file that holds no mark: to guess would be to accept something twice. */
  constructor (path) {
    this.#path = path
    this.#saved = read(path)
  }

  /** The mark; null when there is no file. */
  get value () { return this.#saved }

  /** When this returns, no crash can forget the sequence. A lower one changes nothing. */
  save (sequence) {
    if (this.#saved != null && sequence <= this.#saved) return
    const file = openSync(`${this.#path}.new`, 'w', 0o600)
    try {
      writeSync(file, `${sequence}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${this.#path}.new`, this.#path)
    const folder = openSync(dirname(this.#path), 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
    this.#saved = sequence
  }
}

function read (path) {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
  if (!/^(0|[1-9][0-9]{0,19})\n$/.test(text)) throw new Error(`${path}: must hold a sequence and a line feed`)
  return BigInt(text)
}
