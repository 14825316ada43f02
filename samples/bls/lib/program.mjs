// What the programs of this sample have in common.
import { parseArgs } from 'node:util'

/** One JSON object a line, for whoever started us. */
export const say = (event, facts = {}) => { process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`) }

/** The flags of a program; `required` must be there. */
export function flags (options, ...required) {
  const { values } = parseArgs({ options })
  for (const name of required) {
    if (values[name] == null) throw new Error(`--${name} is missing`)
  }
  return values
}

/** A whole number of at least `least` from a flag. */
export function whole (name, text, least) {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} ${text}: must be a whole number from ${least}`)
  return value
}

/** Runs a program until it is done, or SIGINT or SIGTERM aborts its signal. A fault is one line. */
export async function run (main) {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => stop.abort())
  try {
    await main(stop.signal)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode ||= 1
  }
}
