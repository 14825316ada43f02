import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rememberResults } from '../lib/agent.mjs'

const message = (id, topic = 'reports') => ({ message_id: `${id}`, topic })
/** Accepts each id once, as rules with a memory do. */
function rules () {
  const seen = new Set()
  return ({ message_id: id, topic }) => seen.size === seen.add(`${id} ${topic}`).size ? 'IGNORE' : 'ACCEPT'
}

test('An agent that asks again gets the verdict that was given', async () => {
  let now = 0
  const judge = rememberResults(rules(), () => now)
  assert.equal(await judge(message(1)), 'ACCEPT')
  assert.equal(await judge(message(1, 'other')), 'ACCEPT')
  now = 10_000
  assert.equal(await judge(message(1)), 'ACCEPT')
  now = 10_001
  assert.equal(await judge(message(1)), 'IGNORE')
})

test('What is still being judged is judged once', async () => {
  let finish
  const judge = rememberResults(() => new Promise(resolve => { finish = resolve }))
  const results = [judge(message(1)), judge(message(1))]
  await Promise.resolve()
  finish('ACCEPT')
  assert.deepEqual(await Promise.all(results), ['ACCEPT', 'ACCEPT'])
})

test('A fault is not remembered', async () => {
  let calls = 0
  const judge = rememberResults(() => { if (++calls === 1) throw new Error('no database'); return 'ACCEPT' })
  await assert.rejects(judge(message(1)), /no database/)
  assert.equal(await judge(message(1)), 'ACCEPT')
})

test('It remembers 4096 verdicts', async () => {
  const judge = rememberResults(rules(), () => 0)
  for (let id = 0; id < 4097; id++) await judge(message(id))
  assert.equal(await judge(message(1)), 'ACCEPT')
  assert.equal(await judge(message(0)), 'IGNORE')
})
