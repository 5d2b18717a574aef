/** A vector as it is stored: little-endian float32, as every platform has it that the engines run on. */
export const bytesOf = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength).slice()

/** The stored vector, as a copy: bytes that a database hands out may move, go away or start anywhere. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const vector = new Float32Array(bytes.length >>> 2)
  new Uint8Array(vector.buffer).set(bytes.subarray(0, vector.byteLength))
  return vector
}
