import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { MarkFile } from '../lib/mark.mjs'
import { encodeReport } from '../lib/report.mjs'
import { ReportVerifier } from '../lib/verifier.mjs'
import { dealtNetwork } from './network.mjs'

const ours = dealtNetwork()
let now
const settled = { settle: () => Promise.resolve(), now: () => now }
const judge = async (verifier, data) => {
  const { result, reason } = await verifier.judge(data)
  return `${result} ${reason}`
}

let folder
beforeEach(() => { now = 0; folder = mkdtempSync(join(tmpdir(), 'pmq-bls-')) })
afterEach(() => { rmSync(folder, { recursive: true }) })

/** One that accepted sequences 99 and 100, and is in step. */
async function inStep () {
  writeFileSync(join(folder, 'mark'), '98\n')
  const verifier = new ReportVerifier(ours.network, new MarkFile(join(folder, 'mark')), settled)
  now = -30_000
  assert.equal(await judge(verifier, ours.encoded(99n)), 'ACCEPT accepted')
  now = 0
  assert.equal(await judge(verifier, ours.encoded(100n)), 'ACCEPT accepted')
  return verifier
}

test('A report of the network is accepted, and a second time ignored', async () => {
  const verifier = await inStep()
  const { report } = await verifier.judge(ours.encoded(101n, 'ETH/USD 3141.59'))
  assert.equal(report.data.toString(), 'ETH/USD 3141.59')
  assert.equal(await judge(verifier, ours.encoded(101n, 'ETH/USD 3141.59')), 'IGNORE seen')
})

test('What the group did not sign is rejected', async () => {
  const verifier = await inStep()
  const report = ours.signed(101n)
  const { signature } = dealtNetwork().signed(101n)
  const [{ signature: onePart }] = [ours.partial(1, report)]
  const forgeries = {
    'the signature of other keys': { signature },
    'the part of one member': { signature: onePart },
    'another sequence': { sequence: 102n },
    'other data': { data: Buffer.from('data 102') },
    'more data': { data: Buffer.from('data 101 ') },
    'a flipped bit': { signature: report.signature.map((byte, i) => i === 50 ? byte ^ 1 : byte) }
  }
  for (const [name, change] of Object.entries(forgeries)) {
    assert.equal(await judge(verifier, encodeReport({ ...report, ...change })), 'REJECT badSignature', name)
  }
  assert.equal(await judge(verifier, encodeReport(report)), 'ACCEPT accepted')
})

test('The report of another network is rejected, under its own name and under ours', async () => {
  const verifier = await inStep()
  const other = dealtNetwork({ networkId: 'bls-other' })
  assert.equal(await judge(verifier, other.encoded(101n)), 'REJECT otherNetwork')
  assert.equal(
    await judge(verifier, encodeReport({ ...other.signed(101n), networkId: 'bls-demo' })), 'REJECT badSignature')
  assert.equal(
    await judge(verifier, encodeReport({ ...ours.signed(101n), networkId: 'bls-other' })), 'REJECT otherNetwork')
})

test('What is cut off or has something after its end is rejected', async () => {
  const verifier = await inStep()
  const bytes = ours.encoded(101n)
  assert.equal(await judge(verifier, bytes.subarray(0, -1)), 'REJECT malformed')
  assert.equal(await judge(verifier, Buffer.concat([bytes, Buffer.from('\n')])), 'REJECT malformed')
  assert.equal(await judge(verifier, Buffer.from('{"Network":"bls-demo"}')), 'REJECT malformed')
  assert.equal(await judge(verifier, Buffer.alloc(0)), 'REJECT malformed')
})

test('A replay is ignored while it is young, and held against its sender when it is not', async () => {
  const verifier = await inStep()
  const replay = ours.encoded(100n)
  for (const sequence of [1000n, 1099n]) assert.equal(await judge(verifier, ours.encoded(sequence)), 'ACCEPT accepted')
  assert.equal(await judge(verifier, ours.encoded(1000n)), 'IGNORE seen')
  assert.equal(await judge(verifier, ours.encoded(999n)), 'IGNORE old')
  assert.equal(await judge(verifier, replay), 'IGNORE old')
  assert.equal(await judge(verifier, ours.encoded(1101n)), 'ACCEPT accepted')
  assert.equal(await judge(verifier, replay), 'REJECT stale')
})

test('A report before the first is behind, not far ahead', async () => {
  writeFileSync(join(folder, 'mark'), '0\n')
  const verifier = new ReportVerifier(ours.network, new MarkFile(join(folder, 'mark')), settled)
  now = -30_000
  assert.equal(await judge(verifier, ours.encoded(4n)), 'ACCEPT accepted')
  now = 0
  assert.equal(await judge(verifier, ours.encoded(5n)), 'ACCEPT accepted')
  assert.equal(await judge(verifier, ours.encoded(1n)), 'ACCEPT accepted')
  assert.equal(await judge(verifier, ours.encoded(0n)), 'IGNORE seen')
  assert.equal(await judge(verifier, ours.encoded(2n ** 64n - 1n)), 'REJECT tooNew')
})

test('After a restart nothing is accepted twice', async () => {
  const path = join(folder, 'mark')
  const before = await inStep()
  await before.judge(ours.encoded(103n))
  await before.judge(ours.encoded(102n))
  const after = new ReportVerifier(ours.network, new MarkFile(path), settled)
  for (const sequence of [100n, 101n, 102n, 103n]) {
    assert.equal(await judge(after, ours.encoded(sequence)), 'IGNORE seen')
  }
  assert.equal(await judge(after, ours.encoded(104n)), 'ACCEPT accepted')
})

test('A file that holds no mark is refused', () => {
  const path = join(folder, 'mark')
  for (const text of ['', '12', '-1\n', '1e3\n', '007\n']) {
    writeFileSync(path, text)
    assert.throws(() => new MarkFile(path), /must hold a sequence/)
  }
})

test('Without a mark it only watches at first, then begins at the highest that it saw', async () => {
  let settle
  const verifier = new ReportVerifier(
    ours.network, null, { now: () => 0, settle: () => new Promise(resolve => { settle = resolve }) })
  const early = [1n, 5000n, 4999n, 2n].map(sequence => judge(verifier, ours.encoded(sequence)))
  assert.equal(await judge(verifier, Buffer.from('no report')), 'REJECT malformed')
  settle()
  assert.deepEqual(
    await Promise.all(early), ['IGNORE stale', 'ACCEPT accepted', 'ACCEPT accepted', 'IGNORE stale'])
})

test('A joiner that is fed old reports punishes nobody, and finds the present', async () => {
  const verifier = new ReportVerifier(ours.network, null, settled)
  await Promise.resolve()
  const seen = new Set()
  for (let sequence = 1n; sequence <= 100n; sequence++) seen.add((await verifier.judge(ours.encoded(sequence))).result)
  for (const sequence of [5000n, 5001n]) assert.equal(await judge(verifier, ours.encoded(sequence)), 'IGNORE tooNew')
  assert.equal(await judge(verifier, ours.encoded(5002n)), 'ACCEPT accepted')
  assert.equal(await judge(verifier, ours.encoded(50n)), 'IGNORE stale')
  assert.ok(!seen.has('REJECT'))
})
