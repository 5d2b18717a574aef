/** Bytes from base64 or base64url, with or without padding and line breaks; `null` when the text is anything else. */
export function decodeBase64(text: string): Uint8Array | null {
  const clean = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(clean) || clean.replace(/=+$/, '').length % 4 === 1) return null
  return Buffer.from(clean, 'base64')
}
