import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SequenceWindow } from '../lib/window.mjs'

const options = { skip: 5n, validity: 10n, future: 10n, inStepMs: 1000 }
/** At 0 it is in step, and the highest is the sequence after the mark. */
function inStep (mark = 100n) {
  const window = new SequenceWindow(mark - 1n, options)
  assert.equal(judge(window, mark, -options.inStepMs), 'ACCEPT accepted')
  assert.equal(judge(window, mark + 1n), 'ACCEPT accepted')
  return window
}
function judge (window, sequence, now = 0, digest = `of ${sequence}`) {
  const { result, reason } = window.judge(sequence, digest, now)
  return `${result} ${reason}`
}

test('Each threshold stands where it says, on both sides', () => {
  const window = inStep()
  assert.equal(judge(window, 101n), 'IGNORE seen')
  assert.equal(judge(window, 111n), 'ACCEPT accepted')
  assert.equal(judge(window, 122n), 'REJECT tooNew')
  assert.equal(judge(window, 107n), 'ACCEPT accepted')
  assert.equal(judge(window, 106n), 'IGNORE old')
  assert.equal(judge(window, 101n), 'IGNORE old')
  assert.equal(judge(window, 100n), 'REJECT stale')
})

test('Late ones are accepted once each', () => {
  const window = inStep()
  assert.equal(judge(window, 104n), 'ACCEPT accepted')
  assert.equal(judge(window, 102n), 'ACCEPT accepted')
  assert.equal(judge(window, 102n), 'IGNORE seen')
  assert.equal(window.high, 104n)
})

test('Other data under a sequence that was accepted is told apart, and punishes nobody', () => {
  const window = inStep()
  assert.equal(judge(window, 101n, 0, 'other'), 'IGNORE equivocation')
})

test('What the mark covers is never accepted again', () => {
  const window = new SequenceWindow(100n, options)
  for (let sequence = 96n; sequence <= 100n; sequence++) assert.equal(judge(window, sequence), 'IGNORE seen')
  assert.equal(judge(window, 101n), 'ACCEPT accepted')
})

test('At both ends of the range nothing wraps', () => {
  const low = inStep(0n)
  assert.equal(judge(low, 0n), 'IGNORE seen')
  assert.equal(judge(low, 2n ** 64n - 1n), 'REJECT tooNew')
  assert.equal(judge(low, 2n), 'ACCEPT accepted')
  const top = inStep(2n ** 64n - 3n)
  assert.equal(judge(top, 2n ** 64n - 1n), 'ACCEPT accepted')
  assert.equal(judge(top, 0n), 'REJECT stale')
})

test('A node that was cut off past the bound rejects nothing and finds back', () => {
  const window = inStep()
  const later = 5000
  assert.equal(judge(window, 500n, later), 'IGNORE tooNew')
  assert.equal(judge(window, 501n, later), 'IGNORE tooNew')
  assert.equal(judge(window, 501n, later), 'IGNORE tooNew')
  assert.equal(judge(window, 502n, later), 'IGNORE tooNew')
  assert.equal(judge(window, 503n, later), 'ACCEPT accepted')
  assert.equal(judge(window, 504n, later), 'ACCEPT accepted')
  assert.equal(judge(window, 101n, later), 'IGNORE stale')
  assert.equal(judge(window, 505n, later + 1000), 'ACCEPT accepted')
  assert.equal(judge(window, 101n, later + 1000), 'REJECT stale')
})

test('An old report that is sent again after an absence does not make it reject the present', () => {
  const window = new SequenceWindow(100n, options)
  assert.equal(judge(window, 101n), 'ACCEPT accepted')
  assert.equal(judge(window, 5000n), 'IGNORE tooNew')
  assert.equal(judge(window, 5001n), 'IGNORE tooNew')
  assert.equal(judge(window, 5002n), 'ACCEPT accepted')
})

test('It is in step once it has been rising for long enough, and as long as it does not rest', () => {
  const window = new SequenceWindow(100n, options)
  judge(window, 101n, 0)
  judge(window, 102n, 999)
  assert.equal(judge(window, 5000n, 999), 'IGNORE tooNew')
  assert.equal(judge(window, 5000n, 1000), 'REJECT tooNew')
  assert.equal(judge(window, 5000n, 1999), 'REJECT tooNew')
  assert.equal(judge(window, 5000n, 2000), 'IGNORE tooNew')
  judge(window, 103n, 2000)
  assert.equal(judge(window, 5000n, 2999), 'IGNORE tooNew')
})

test('A node that was fed only the past for long finds the present in a few reports', () => {
  const window = inStep()
  assert.equal(judge(window, 5000n), 'REJECT tooNew')
  assert.equal(judge(window, 5001n), 'REJECT tooNew')
  assert.equal(judge(window, 5002n), 'IGNORE tooNew')
  assert.equal(judge(window, 102n), 'ACCEPT accepted')
  assert.equal(judge(window, 5003n), 'ACCEPT accepted')
  assert.equal(judge(window, 5004n), 'ACCEPT accepted')
  assert.equal(judge(window, 103n), 'IGNORE stale')
})

test('A window that had to guess its place rejects nothing at first', () => {
  const window = new SequenceWindow(null, options)
  for (let sequence = 1n; sequence <= 5n; sequence++) assert.equal(judge(window, sequence), 'ACCEPT accepted')
  assert.equal(judge(window, 900n), 'IGNORE tooNew')
  assert.equal(judge(window, 901n), 'IGNORE tooNew')
  assert.equal(judge(window, 902n), 'ACCEPT accepted')
  assert.equal(judge(window, 5n), 'IGNORE stale')
})

test('It remembers no more than it can be asked for', () => {
  const window = inStep(0n)
  for (let sequence = 2n; sequence < 10_000n; sequence++) judge(window, sequence)
  for (let sequence = 9_995n; sequence < 10_000n; sequence++) assert.equal(judge(window, sequence), 'IGNORE seen')
  assert.equal(judge(window, 9_994n), 'IGNORE old')
})
