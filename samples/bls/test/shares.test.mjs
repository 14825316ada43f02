import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeReport, encodeShare } from '../lib/report.mjs'
import { ShareCollector } from '../lib/shares.mjs'
import { dealtNetwork } from './network.mjs'

const ours = dealtNetwork()
const { networkId } = ours.network
const data = Buffer.from('ETH/USD 3141.59')
function share (signer, sequence = 1n, change = {}) {
  const report = { networkId, sequence, data, ...change }
  return { signer, ...report, signature: ours.partial(signer, report).signature }
}
const judge = (collector, value) => {
  const { result, reason } = collector.judge(Buffer.isBuffer(value) ? value : encodeShare(value))
  return `${result} ${reason}`
}

test('As many shares as the threshold make the report, whoever they are of', () => {
  const reports = [[1, 2, 3], [4, 1, 2]].map(signers => {
    const collector = new ShareCollector(ours.network)
    for (const signer of signers) {
      assert.equal(collector.tryCombine(1n), null)
      assert.equal(judge(collector, share(signer)), 'ACCEPT accepted')
    }
    return collector.tryCombine(1n)
  })
  const [first, second] = reports.map(report => encodeReport(report).toString('hex'))
  assert.equal(first, second)
  assert.equal(first, encodeReport(ours.signed(1n, 'ETH/USD 3141.59')).toString('hex'))
})

test('A wrong share is rejected and never counted', () => {
  const collector = new ShareCollector(ours.network)
  collector.judge(encodeShare(share(1)))
  collector.judge(encodeShare(share(2)))
  assert.equal(judge(collector, { ...share(3), signer: 4 }), 'REJECT badSignature')
  assert.equal(judge(collector, { ...share(3), sequence: 2n }), 'REJECT badSignature')
  assert.equal(judge(collector, { ...share(3), data: Buffer.from('other') }), 'REJECT badSignature')
  assert.equal(judge(collector, { ...share(3), signer: 5 }), 'REJECT unknownMember')
  assert.equal(judge(collector, { ...share(3), signer: 0 }), 'REJECT unknownMember')
  assert.equal(judge(collector, { ...share(3), networkId: 'bls-other' }), 'REJECT otherNetwork')
  assert.equal(judge(collector, encodeShare(share(3)).subarray(1)), 'REJECT malformed')
  assert.equal(collector.tryCombine(1n), null)
})

test('A member has one share of a sequence: a second one changes nothing', () => {
  const collector = new ShareCollector(ours.network)
  for (const signer of [1, 2]) collector.judge(encodeShare(share(signer)))
  assert.equal(judge(collector, share(2)), 'IGNORE seen')
  assert.equal(judge(collector, share(2, 1n, { data: Buffer.from('other') })), 'IGNORE equivocation')
  assert.equal(collector.tryCombine(1n), null)
})

test('Shares of different data are not joined', () => {
  const collector = new ShareCollector(ours.network)
  const other = { data: Buffer.from('other') }
  for (const value of [share(1), share(2), share(3, 1n, other)]) collector.judge(encodeShare(value))
  assert.equal(collector.tryCombine(1n), null)
  collector.judge(encodeShare(share(4)))
  assert.ok(collector.tryCombine(1n).data.equals(data))
})

test('What is done or far ahead takes no room', () => {
  const collector = new ShareCollector(ours.network)
  collector.finish(10n)
  assert.equal(judge(collector, share(1, 10n)), 'IGNORE old')
  assert.equal(judge(collector, share(1, 27n)), 'ACCEPT accepted')
  assert.equal(judge(collector, share(1, 28n)), 'IGNORE tooNew')
})
