import { AppError } from '../../base/errors.ts'

/** An address as shown, and folded as two spellings of one address compare. */
export type Email = { address: string; key: string }

const MAX_LENGTH = 254
const LOCAL = /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}$/u
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u

/** Reads an e-mail address. Throws `invalid_argument` with reason `bad_email`; nothing is sent to find out more. */
export function parseEmail(text: string): Email {
  const address = text.normalize('NFKC').trim()
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, Math.max(at, 0)), address.slice(at + 1)]
  const isDomain = domain.split('.').every((label) => LABEL.test(label))
  if (address.length > MAX_LENGTH || !LOCAL.test(local) || !isDomain)
    throw new AppError('invalid_argument', 'email: this is not an e-mail address', {
      details: { reason: 'bad_email', field: 'email' },
    })
  return { address, key: address.toLowerCase() }
}

/** What stands before the @. */
export const localPart = (email: Email): string => email.address.slice(0, email.address.lastIndexOf('@'))
