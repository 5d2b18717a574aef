import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testActor, testKnowledge } from '../../../test-kit/knowledge.ts'
import { fileIdOf } from './service.ts'

const anna = testActor(1)
const ben = testActor(2)

async function* body(...parts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield Buffer.from(part)
}
type Kit = Awaited<ReturnType<typeof testKnowledge>>
const blobCount = async ({ blob }: Kit) => (await Array.fromAsync(blob.listAll(''))).length

test('a file is opened and read by its owner only', async () => {
  await using kit = await testKnowledge()
  const file = await kit.files.upload(anna, { name: 'a.txt', body: body('one', 'two') })
  assert.equal(Buffer.from(await kit.files.read(anna, file.id, 6)).toString(), 'onetwo')
  const opened = await kit.files.open(anna, file.id)
  assert.equal(Buffer.concat(await Array.fromAsync(opened.body)).toString(), 'onetwo')
  assert.equal(opened.file.media_type, 'text/plain; charset=utf-8')
  assert.equal(fileIdOf(file.blob_key), file.id)
  const { files } = kit
  for (const call of [() => files.get(ben, file.id), () => files.open(ben, file.id), () => files.read(ben, file.id, 6)])
    await assert.rejects(call, { code: 'not_found', message: 'file not found' })
})

test('an icon has an address while its file is there for who asks; without one it is empty', async () => {
  await using kit = await testKnowledge()
  const { id } = await kit.files.upload(anna, { name: 'icon.png', body: body('png') })
  assert.match(await kit.files.iconUrl(anna, id), /^http.*\.png\?/)
  for (const [actor, fileId] of [
    [anna, null],
    [anna, '1'],
    [ben, id],
  ] as const)
    assert.equal(await kit.files.iconUrl(actor, fileId), '')
  await kit.database.db.schema.alterTable('file').renameTo('away').execute()
  await assert.rejects(kit.files.iconUrl(anna, id))
})

test('a file that is too large for the reader is not read', async () => {
  await using kit = await testKnowledge()
  const file = await kit.files.upload(anna, { name: 'a.txt', body: body('123456') })
  await assert.rejects(kit.files.read(anna, file.id, 5), (err: Error & { details?: object }) => {
    assert.deepEqual(err.details, { reason: 'too_large' })
    return true
  })
})

test('an upload that fails leaves neither row nor blob', async () => {
  async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from('half')
    throw new Error('the client has left')
  }
  async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) yield Buffer.alloc(64 * 1024)
  }
  await using kit = await testKnowledge({ maxFileBytes: 1_000_000 })
  await assert.rejects(kit.files.upload(anna, { name: 'a', body: broken() }), { code: 'canceled' })
  await assert.rejects(kit.files.upload(anna, { name: 'a', body: endless() }), { code: 'invalid_argument' })
  await assert.rejects(kit.files.upload(anna, { name: 'a', body: body('x') }, { signal: AbortSignal.abort() }))
  assert.equal(await blobCount(kit), 0)
  assert.equal((await kit.database.db.selectFrom('file').select('id').execute()).length, 0)
})

test('a row that cannot be written takes its blob with it', async () => {
  await using kit = await testKnowledge()
  await kit.database.db.schema.alterTable('file').renameTo('away').execute()
  await assert.rejects(kit.files.upload(anna, { name: 'a', body: body('x') }))
  assert.equal(await blobCount(kit), 0)
})

test('the media type follows the name, and what is declared only where the name says nothing', async () => {
  await using kit = await testKnowledge()
  const cases = [
    ['a.html', 'image/png', 'text/html; charset=utf-8'],
    ['a.PNG', 'text/html', 'image/png'],
    ['a.bin', 'Application/X-Thing', 'application/x-thing'],
    ['a.bin', 'text/html\r\nx: y', 'application/octet-stream'],
    ['a', undefined, 'application/octet-stream'],
  ] as const
  for (const [name, mediaType, stored] of cases)
    assert.equal((await kit.files.upload(anna, { name, mediaType, body: body('x') })).media_type, stored, name)
})
