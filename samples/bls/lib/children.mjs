import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const PATIENCE_MS = 5_000

/** The processes that a run starts, and ends. */
export class Children {
  #all = []
  #isEnding = false
  #onLost

  /** `onLost` hears of a process that ends though nobody asked it to. */
  constructor (onLost) { this.#onLost = onLost }

  /**
   * Starts a process; `onLine` gets each line of its standard output, `onError` of its standard error, which goes to
   * ours by default.
   */
  start (name, file, args, onLine = () => {}, onError = line => process.stderr.write(`${name}: ${line}\n`)) {
    const child = spawn(file, args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] })
    const exited = new Promise(resolve => {
      child.on('error', error => { this.#lose(name, error.message); resolve() })
      child.on('close', code => { this.#lose(name, `has ended with ${code}`); resolve() })
    })
    createInterface(child.stdout).on('line', onLine)
    createInterface(child.stderr).on('line', line => { if (!this.#isEnding) onError(line) })
    this.#all.push({ child, exited })
  }

  /** Ends all of them, the last one first to be asked; who does not go is killed. */
  async end () {
    this.#isEnding = true
    for (const { child } of this.#all.toReversed()) child.kill('SIGTERM')
    const killing = setTimeout(() => { for (const { child } of this.#all) child.kill('SIGKILL') }, PATIENCE_MS)
    await Promise.all(this.#all.map(({ exited }) => exited))
    clearTimeout(killing)
  }

  #lose (name, text) {
    if (!this.#isEnding) this.#onLost(new Error(`${name}: ${text}`))
  }
}
