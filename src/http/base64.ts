/** Bytes from base64 or base64url, with or without padding and line breaks; `null` when the text is anything else. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  // Node skips what is no base64, so a text of the right length was all base64: no second look at many megabytes.
  const digits = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
  if (digits % 4 !== 1 && bytes.length === Math.floor((digits * 3) / 4)) return bytes
  const clean = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(clean) || clean.replace(/=+$/, '').length % 4 === 1) return null
  return bytes
}
