/**
 * What a consumer wants of an OCR2 report that its verifier has accepted, so that it is whole: src/Pmq.Verifiers/README.md
 * has the encoding.
 *   version u8, scheme u8, digest 32 bytes, sequence u64, extra hash 32 bytes, payload u32 length and bytes, signatures
 */
export function readOcr2 (data) {
  const length = data.readUInt32BE(74)
  return { sequence: data.readBigUInt64BE(34), payload: data.subarray(78, 78 + length) }
}
