import assert from 'node:assert/strict'
import { test } from 'node:test'
import blst from '@chainsafe/blst'
import { combine, deal, lagrangeAtZero, ORDER, publicKey, sign, verify } from '../lib/threshold.mjs'

const message = Buffer.from('a report')
const { groupKey, shares } = deal({ members: 4, threshold: 3 })
const group = publicKey(groupKey)
const part = ({ index, secret }) => ({ index, signature: sign(secret, message) })
const some = (...indices) => indices.map(i => part(shares[i - 1]))
const hex = bytes => Buffer.from(bytes).toString('hex')

test('Any threshold of members, in any order, make the one signature of the group', () => {
  const sets = [[1, 2, 3], [1, 2, 4], [1, 3, 4], [2, 3, 4], [4, 2, 1], [1, 2, 3, 4]]
  const signatures = sets.map(set => combine(some(...set)))
  for (const signature of signatures) assert.equal(hex(signature), hex(signatures[0]))
  assert.equal(signatures[0].length, 96)
  assert.ok(verify(group, message, signatures[0]))
})

test('Fewer members than the threshold make no signature of the group', () => {
  assert.ok(!verify(group, message, combine(some(1, 2))))
  assert.ok(!verify(group, message, combine(some(3))))
})

test('One wrong part spoils the whole, and is told apart before', () => {
  const wrong = { index: 3, signature: sign(shares[2].secret, Buffer.from('another')) }
  assert.ok(!verify(publicKey(shares[2].publicKey), message, wrong.signature))
  assert.ok(!verify(group, message, combine([...some(1, 2), wrong])))
})

test('A part verifies under the key of its own member alone', () => {
  const [{ signature }] = some(2)
  assert.deepEqual(shares.map(share => verify(publicKey(share.publicKey), message, signature)), [false, true, false, false])
})

test('Thresholds of one and of all members work', () => {
  for (const threshold of [1, 5]) {
    const dealt = deal({ members: 5, threshold })
    const parts = dealt.shares.slice(0, threshold).map(part)
    assert.ok(verify(publicKey(dealt.groupKey), message, combine(parts)))
  }
})

test('The coefficients interpolate at zero', () => {
  const f = x => 7n + 5n * x + 3n * x * x
  const indices = [2, 5, 9]
  const sum = lagrangeAtZero(indices).reduce((total, lambda, i) => (total + lambda * f(BigInt(indices[i]))) % ORDER, 0n)
  assert.equal(sum, 7n)
  assert.throws(() => lagrangeAtZero([1, 1]), RangeError)
  assert.throws(() => lagrangeAtZero([0, 1]), RangeError)
})

test('The ciphersuite is that of Ethereum', () => {
  // From the consensus-spec tests of Ethereum, "sign": its secret key, message and signature.
  const secret = Buffer.from('263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3', 'hex')
  const expected = 'b6ed936746e01f8ecf281f020953fbf1f01debd5657c4a383940b020b26507f6076334f91e2366c96e9ab279fb5158090352ea1c5b0c9274504f4f0e7053af24802e51e4568d164fe986834f41e55c8e850ce1f98458c0cfc9ab380b55285a55'
  assert.equal(hex(sign(secret, Buffer.alloc(32))), expected)
})

test('What is no point of the subgroup is no signature, whatever the bytes', () => {
  const good = sign(shares[0].secret, message)
  const infinity = Buffer.alloc(96)
  infinity[0] = 0xc0
  const uncompressed = blst.Signature.fromBytes(good).toBytes(false)
  for (const bytes of [infinity, Buffer.alloc(96), Buffer.alloc(96, 0xff), Buffer.alloc(0), good.slice(1), uncompressed]) {
    assert.equal(verify(publicKey(shares[0].publicKey), message, bytes), false)
  }
  assert.throws(() => publicKey(Buffer.from(`c0${'00'.repeat(47)}`, 'hex')))
})

test('A point of the curve outside the subgroup is no signature', () => {
  const outside = outsideTheSubgroup()
  assert.equal(verify(group, message, outside), false)
})

/** Almost every point of the curve is outside: the first x that lies on it will do. */
function outsideTheSubgroup () {
  for (let x = 1; ; x++) {
    const bytes = Buffer.alloc(96)
    bytes[0] = 0x80
    bytes[95] = x
    try {
      blst.Signature.fromBytes(bytes, false)
    } catch {
      continue
    }
    assert.throws(() => blst.Signature.fromBytes(bytes, true), /group/i)
    return bytes
  }
}
