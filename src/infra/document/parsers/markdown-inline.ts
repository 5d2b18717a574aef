import { Parser } from 'htmlparser2'
import type { MarkedToken, Token } from 'marked'

/** The words of a line of Markdown, without its signs. */
export function inlineText(tokens: readonly Token[]): string {
  return (tokens as readonly MarkedToken[]).map(tokenText).join('')
}

function tokenText(token: MarkedToken): string {
  switch (token.type) {
    case 'br':
      return '\n'
    case 'codespan':
    case 'escape':
      return token.text
    case 'html':
      return /^<br\b/i.test(token.raw) ? '\n' : ''
    case 'image':
      return withoutEntities(token.text)
    case 'link':
      return linkText(inlineText(token.tokens), token.href)
    case 'checkbox':
      return ''
    case 'text':
      return token.tokens === undefined ? withoutEntities(token.text) : inlineText(token.tokens)
    default:
      return 'tokens' in token && token.tokens !== undefined ? inlineText(token.tokens) : token.raw
  }
}

/** "text (https://target)": an address is worth finding, an anchor or a relative path is not. */
function linkText(text: string, target: string): string {
  const address = target.replace(/^mailto:/i, '')
  if (!/^(https?:|mailto:)/i.test(target) || text.includes(address)) return text
  return text === '' ? address : `${text} (${address})`
}

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text
  let decoded = ''
  const parser = new Parser({ ontext: (piece) => (decoded += piece) }, { decodeEntities: true })
  // A "<" in the text would open a tag here; it was already found to be none.
  parser.end(text.replaceAll('<', '&lt;'))
  return decoded
}
