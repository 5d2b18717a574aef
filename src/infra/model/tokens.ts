import type { ModelMessage } from './driver.ts'

/** Scripts in which one character is about one token. */
const DENSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/gu
/** What an image costs at the usual endpoints when its size is not known. */
const IMAGE_TOKENS = 765
/** The wrapping of one message on the wire. */
const MESSAGE_TOKENS = 4

/** A guess at the tokens of a text, for providers that do not count them: off by a fifth, not by a factor. */
export function estimateTokens(text: string): number {
  const dense = text.match(DENSE)?.length ?? 0
  return dense + Math.ceil((text.length - dense) / 4)
}

/** A guess at the tokens of a whole prompt. */
export function estimatePromptTokens(messages: readonly ModelMessage[]): number {
  let tokens = 0
  for (const { content } of messages) {
    tokens += MESSAGE_TOKENS
    if (typeof content === 'string') tokens += estimateTokens(content)
    else for (const part of content) tokens += part.type === 'text' ? estimateTokens(part.text) : IMAGE_TOKENS
  }
  return tokens
}
