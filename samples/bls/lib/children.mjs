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
    if (this.#isEnding) throw new Error(`${name}: not started, since the run is ending`)
    const child = spawn(file, args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] })
    const exited = new Promise(resolve => {
      child.on('error', error => { this.#lose(name, error.message); resolve() })
      child.on('close', code => { this.#lose(name, `has ended with ${code}`); resolve() })
    })
    createInterface(child.stdout).on('line', line => { if (!this.#isEnding) onLine(line) })
    createInterface(child.stderr).on('line', line => { if (!this.#isEnding) onError(line) })
    this.#all.push({ child, exited })
  }

  /** Ends all of them, after others have ended, and starts none from now on; who does not go is killed. */
  async end (others) {
    this.#isEnding = true
    await others
    for (const { child } of this.#all) child.kill('SIGTERM')
    const killing = setTimeout(() => { for (const { child } of this.#all) child.kill('SIGKILL') }, PATIENCE_MS)
    await Promise.all(this.#all.map(({ exited }) => exited))
    clearTimeout(killing)
  }

  #lose (name, text) {
    if (!this.#isEnding) this.#onLost(new Error(`${name}: ${text}`))
  }
}
