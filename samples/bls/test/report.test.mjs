import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { decodeReport, decodeShare, encodeReport, encodeShare, MAX_DATA_BYTES, signedMessage } from '../lib/report.mjs'

const report = {
  networkId: 'bls-demo', sequence: 2n ** 64n - 2n, data: Buffer.from('ETH/USD 3141.59'), signature: Buffer.alloc(96, 7)
}

test('The bytes are these', () => {
  assert.equal(
    encodeReport({ ...report, sequence: 258n, data: Buffer.from('x') }).toString('hex'),
    `01 08 ${Buffer.from('bls-demo').toString('hex')} 0000000000000102 00000001 78 ${'07'.repeat(96)}`.replaceAll(' ', ''))
  assert.equal(
    signedMessage({ ...report, sequence: 258n, data: Buffer.from('x') }).toString('latin1'),
    'pmq-bls-report/1\x08bls-demo\0\0\0\0\0\0\x01\x02x')
})

test('Reports and shares survive the round trip', () => {
  assert.deepEqual(decodeReport(encodeReport(report)), report)
  const share = { ...report, signer: 4 }
  assert.deepEqual(decodeShare(encodeShare(share)), share)
})

test('A report that is cut off anywhere, or longer, is none', () => {
  const bytes = encodeReport(report)
  for (let length = 0; length < bytes.length; length++) assert.equal(decodeReport(bytes.subarray(0, length)), null)
  assert.equal(decodeReport(Buffer.concat([bytes, Buffer.alloc(1)])), null)
})

test('Another version, a length that lies and an id that nobody may have are refused', () => {
  const changed = (at, value) => {
    const bytes = encodeReport(report)
    bytes[at] = value
    return decodeReport(bytes)
  }
  assert.equal(changed(0, 2), null)
  assert.equal(changed(1, 0), null)
  assert.equal(changed(1, 9), null)
  assert.equal(changed(1, 255), null)
  assert.equal(changed(2, 0x42), null)
  // The length of the data begins after 2 + 8 + 8 bytes.
  assert.equal(changed(18, 0xff), null)
  assert.equal(changed(21, 0), null)
  assert.throws(() => encodeReport({ ...report, data: Buffer.alloc(0) }), RangeError)
  assert.throws(() => encodeReport({ ...report, data: Buffer.alloc(MAX_DATA_BYTES + 1) }), RangeError)
  assert.throws(() => encodeReport({ ...report, sequence: -1n }), RangeError)
  assert.throws(() => encodeReport({ ...report, sequence: 2n ** 64n }), RangeError)
  assert.throws(() => encodeReport({ ...report, networkId: 'Bls' }), RangeError)
})

test('Whatever is decoded is the only encoding of what it says', () => {
  const bytes = encodeReport(report)
  for (let i = 0; i < 20_000; i++) {
    const mutated = i % 4 === 0 ? randomBytes(randomInt(300)) : Buffer.from(bytes)
    if (i % 4 !== 0) mutated[randomInt(mutated.length)] = randomInt(256)
    const decoded = decodeReport(mutated)
    if (decoded != null) assert.ok(encodeReport(decoded).equals(mutated))
  }
})

test('It is read where it lies in a larger buffer', () => {
  const bytes = encodeReport(report)
  const larger = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')])
  assert.deepEqual(decodeReport(new Uint8Array(larger.buffer, larger.byteOffset + 6, bytes.length)), report)
})
