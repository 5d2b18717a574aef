import type { ChunkStrategy } from '../../infra/document/document.ts'
import { type ChunkRule, FORMAT } from './types.ts'

const DEFAULT_MAX_CHARS = 800

/** What the API's rule means to the chunker. Tables are cut by rows, whatever the rule says. */
export function strategyOf(rule: ChunkRule, formatType: number): ChunkStrategy {
  if (formatType === FORMAT.table) return { type: 'row' }
  const { chunk_type: type = 0, max_tokens: maxChars } = rule
  if (type === 2) {
    return {
      type: 'heading',
      maxDepth: rule.max_level ?? 3,
      saveTitle: rule.save_title ?? true,
      ...(maxChars === undefined ? {} : { maxChars }),
    }
  }
  if (type === 0) return { type: 'auto' }
  return {
    type: 'custom',
    separator: rule.separator ?? '\\n',
    maxChars: maxChars ?? DEFAULT_MAX_CHARS,
    overlapPercent: rule.overlap ?? 0,
    removeExtraSpaces: rule.remove_extra_spaces ?? false,
    removeUrlsEmails: rule.remove_urls_emails ?? false,
  }
}
