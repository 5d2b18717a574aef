import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { AppError } from '../../../base/errors.ts'
import { modelCases } from '../conformance.ts'
import type { ModelEvent, ModelRequest, Passage } from '../model.ts'
import { openModel } from '../open.ts'

runConformance('extractive:', modelCases, {
  open: async () => {
    const model = await openModel('extractive:')
    return { harness: { model }, close: () => model.close() }
  },
})

const passage = (documentName: string, content: string, score = 0.8): Passage => ({
  chunkId: '1',
  documentId: '2',
  datasetId: '3',
  documentName,
  content,
  score,
})

async function events(request: ModelRequest): Promise<ModelEvent[]> {
  const model = await openModel('extractive:')
  const out: ModelEvent[] = []
  for await (const event of model.stream(request)) out.push(event)
  return out
}
async function ask(question: string, passages?: Passage[], more: Partial<ModelRequest> = {}): Promise<string> {
  const request: ModelRequest = { messages: [{ role: 'user', content: question }], ...more }
  const all = await events(passages === undefined ? request : { ...request, passages })
  return all.map((event) => (event.type === 'text' ? event.text : '')).join('')
}
/** The part above the quotes. */
const answerIn = (text: string): string => text.split(/\n\n(?:Sources|来源|出典|แหล่งที่มา)[:：]/)[0] ?? ''
const NO_ANSWER = /^(?:I found no|没有找到|知识库中没有|この質問に(?:直接|関係)|ไม่พบ)/

const ENGLISH = [
  passage(
    'handbook.pdf',
    `Working hours
The standard working week is 40 hours, Monday to Friday. Core time is from 10:00 to 15:00. Outside core time, employees may
arrange their hours freely with their team lead.

Holidays
Full-time employees receive 28 days of paid holiday per calendar year. Up to five unused days may be carried over until
31 March of the following year.

Expenses
Travel expenses are reimbursed within 14 days. Submit receipts in the Spendly app:
1. Open the app and tap "New report".
2. Take a photo of every receipt.
3. Choose the cost centre and press Submit.
Flights need approval by Maria Lopez, the head of finance.`,
    1,
  ),
  passage(
    'security.md',
    `# Passwords
Passwords must have at least 14 characters. Two-factor authentication is mandatory for all accounts.
# Incidents
Report a lost laptop immediately to security@acme.example or call +49 30 1234567. The security team, led by
Tom Becker, answers within 30 minutes.`,
    0.8,
  ),
  passage(
    'faq.txt',
    `Q: Is there a company pension?
A: Yes. After the probation period of six months the company adds 4% of your salary to the pension plan.
Q: Where can I park?
A: Parking is in the basement of building B, entrance Kantstrasse. It is free of charge.
Q: Why is the canteen closed on Friday?
A: Because too few people come to the office on that day.
Founded in 1998 by Helen Schmidt and Ravi Patel, Acme has 340 employees in Berlin, Lyon and Osaka.`,
    0.6,
  ),
  passage(
    'curie.txt',
    `Marie Curie was born in Warsaw on 7 November 1867. She moved to Paris in 1891 to study physics. Together with her
husband she discovered polonium and radium in 1898. Dr. Curie was the first woman to win a Nobel Prize.`,
    0.5,
  ),
]
const CHINESE = [
  passage(
    '员工手册.docx',
    `第一章 工作时间
公司实行每周五天工作制。上班时间为上午9点至下午6点，中午休息一小时。
第二章 年假
员工入职满一年后，每年享有10天带薪年假；满五年的享有15天。未休完的年假可以顺延至次年3月31日。
第三章 报销
差旅费在提交后14个工作日内报销。报销流程如下：
1. 在系统中填写报销单。
2. 上传发票照片。
机票需由财务总监李华批准。住宿标准为每晚不超过500元。`,
    1,
  ),
  passage(
    '公司简介.md',
    `# 公司简介
华星科技成立于2005年，创始人是张伟和陈静。公司总部设在深圳市南山区。目前共有员工1200人。
由于市场需求下降，公司于2019年停止了手机业务。客服电话：400-800-1234。
VPN是虚拟专用网络，用于在外地安全访问公司内部系统。`,
    0.7,
  ),
]
const JAPANESE = [
  passage(
    '社内規程.pdf',
    `勤務時間は午前9時から午後6時までです。年次有給休暇は入社6か月後に10日付与されます。
当社は2001年に佐藤健によって大阪で設立されました。従業員は250人です。交通費は月額3万円まで支給されます。`,
  ),
]
const THAI = [
  passage(
    'คู่มือพนักงาน.pdf',
    `เวลาทำงานคือ 9.00 น. ถึง 18.00 น. วันจันทร์ถึงวันศุกร์
พนักงานมีสิทธิ์ลาพักร้อน 10 วันต่อปี การลาเกิน 3 วันต้องได้รับอนุมัติจากหัวหน้าแผนก
บริษัทก่อตั้งในปี 2545 โดยคุณสมศักดิ์ ใจดี สำนักงานใหญ่ตั้งอยู่ที่กรุงเทพมหานคร ค่าเดินทางเบิกได้ไม่เกิน 2,000 บาทต่อเดือน`,
  ),
]

const ANSWERS: readonly [passages: Passage[], question: string, holds: RegExp][] = [
  [ENGLISH, 'How many days of holiday do I get?', /28 days/],
  [ENGLISH, 'How many vacation days are there?', /28 days/],
  [ENGLISH, 'Can I carry over unused holidays?', /31 March/],
  [ENGLISH, 'When is core time?', /10:00/],
  [ENGLISH, 'How long is the working week?', /40 hours/],
  [ENGLISH, 'Who approves flights?', /Maria Lopez/],
  [ENGLISH, 'How long must a password be?', /14 characters/],
  [ENGLISH, 'I lost my laptop, whom do I contact?', /security@acme/],
  [ENGLISH, 'What is the phone number of the security team?', /\+49/],
  [ENGLISH, 'Who leads the security team?', /Tom Becker/],
  [ENGLISH, 'What percentage does the company add to the pension?', /4%/],
  [ENGLISH, 'Where can I park my car?', /basement/],
  [ENGLISH, 'Does parking cost anything?', /free/],
  [ENGLISH, 'Why is the canteen closed on Fridays?', /too few/],
  [ENGLISH, 'Who founded Acme?', /Helen Schmidt/],
  [ENGLISH, 'How many employees does Acme have?', /340/],
  [ENGLISH, 'What is the probation period?', /six months/],
  [ENGLISH, 'When was Marie Curie born?', /1867/],
  [ENGLISH, 'What did Marie Curie discover?', /polonium/],
  [ENGLISH, 'When did Marie Curie move to Paris?', /1891/],
  [CHINESE, '每年有多少天年假？', /10天/],
  [CHINESE, '几点上班？', /9点/],
  [CHINESE, '报销要多久？', /14个工作日/],
  [CHINESE, '谁批准机票？', /李华/],
  [CHINESE, '住宿标准是多少？', /500元/],
  [CHINESE, '公司是谁创立的？', /张伟/],
  [CHINESE, '公司什么时候成立的？', /2005/],
  [CHINESE, '总部在哪里？', /深圳/],
  [CHINESE, '有多少员工？', /1200/],
  [CHINESE, '为什么停止手机业务？', /市场需求下降/],
  [CHINESE, '客服电话是多少？', /400-800/],
  [CHINESE, '什么是VPN？', /虚拟专用网络/],
  [JAPANESE, '勤務時間は何時からですか？', /9時/],
  [JAPANESE, '会社はいつ設立されましたか？', /2001/],
  [JAPANESE, '従業員は何人ですか？', /250人/],
  [JAPANESE, '交通費はいくらまで出ますか？', /3万円/],
  [THAI, 'ลาพักร้อนได้กี่วัน', /10 วัน/],
  [THAI, 'บริษัทก่อตั้งเมื่อไร', /2545/],
  [THAI, 'ค่าเดินทางเบิกได้เท่าไร', /2,000/],
]

test('questions are answered by the sentence that holds the answer, in few words', async () => {
  const wrong: string[] = []
  for (const [passages, question, holds] of ANSWERS) {
    const answer = answerIn(await ask(question, passages))
    if (!holds.test(answer) || NO_ANSWER.test(answer) || answer.length > 260) wrong.push(`${question} → ${answer}`)
  }
  assert.deepEqual(wrong, [])
})

test('questions that the passages do not answer get no answer', async () => {
  const table: [passages: Passage[], question: string][] = [
    [ENGLISH, 'What is the capital of France?'],
    [ENGLISH, 'How do I reset the coffee machine?'],
    [ENGLISH, 'Do you offer dental insurance?'],
    [ENGLISH, 'When was Albert Einstein born?'],
    [CHINESE, '法国的首都是哪里？'],
    [CHINESE, '公司的股票代码是什么？'],
    [JAPANESE, '社員食堂はどこですか？'],
    [THAI, 'โรงอาหารเปิดกี่โมง'],
  ]
  for (const [passages, question] of table) assert.match(await ask(question, passages), NO_ANSWER, question)
})

test('a question for the way is answered with all its steps', async () => {
  assert.match(
    answerIn(await ask('How do I submit receipts?', ENGLISH)),
    /app:\n1\. Open.*\n2\. Take.*\n3\. Choose.* \[1\]$/,
  )
  assert.match(answerIn(await ask('怎么报销？', CHINESE)), /1\. 在系统中填写报销单。\n2\. 上传发票照片。/)
})

test('the answer comes first, then each source with its number, name and quote', async () => {
  const text = await ask('Who founded Acme?', ENGLISH)
  const [answer, title, quoted] = text.split('\n\n')
  assert.match(answer ?? '', /^Founded in 1998 by Helen Schmidt .* \[1\]$/)
  assert.equal(title, 'Sources:')
  assert.match(quoted ?? '', /^\[1\] faq\.txt\n> .*Helen Schmidt/)
})

test('every number in an answer has its quote', async () => {
  for (const [passages, question] of ANSWERS) {
    const text = await ask(question, passages)
    const cited = new Set(answerIn(text).match(/\[\d\]/g) ?? [])
    for (const number of cited) assert.ok(text.includes(`\n\n${number} `), `${question} ${number}`)
  }
})

test('a follow-up question leans on the one before it', async () => {
  const messages = [
    { role: 'user' as const, content: 'When was Marie Curie born?' },
    { role: 'assistant' as const, content: 'In 1867.' },
    { role: 'user' as const, content: 'And where?' },
  ]
  assert.match(answerIn(await ask('', ENGLISH, { messages })), /Warsaw/)
})

test('an attached text is read like knowledge, and what is said about attachments is no question', async () => {
  const data = new TextEncoder().encode('The meeting is on Tuesday. Lunch costs 12 euros.')
  const content = [
    { type: 'file' as const, mediaType: 'text/plain', name: 'plan.txt', data },
    { type: 'image' as const, mediaType: 'image/png', data: new Uint8Array() },
    { type: 'text' as const, text: '[The user attached the file "a.bin", which is too large to be read here.]' },
    { type: 'text' as const, text: 'How much is lunch?' },
  ]
  const text = await ask('', undefined, { messages: [{ role: 'user', content }] })
  assert.match(text, /^Lunch costs 12 euros\. \[1\]\n\nSources:\n\n\[1\] plan\.txt/)
  assert.match(await ask('', ENGLISH, { messages: [{ role: 'user', content }] }), /^Lunch costs 12 euros\. \[1\]/)
})

test('a summary shows how each document begins', async () => {
  const text = answerIn(await ask('Please summarise the documents', ENGLISH))
  assert.match(text, /The standard working week is 40 hours.* \[1\]\nPasswords must.* \[2\]/)
})

test('without any knowledge it says that no model is set and how to set one, in the language of the question', async () => {
  assert.match(await ask('Hello?'), /No language model is set[\s\S]*MODEL_URI='openai:\/\/[\s\S]*\?model=/)
  assert.match(await ask('你好'), /没有设置语言模型[\s\S]*MODEL_URI=/)
  assert.match(await ask('こんにちは'), /言語モデル[\s\S]*MODEL_URI=/)
})

test('when the knowledge has nothing it says so and quotes nothing', async () => {
  assert.equal((await ask('Why?', [])).split('\n').length, 1)
  assert.match(await ask('法国的首都是哪里？', []), /知识库中没有找到/)
})

test('a question in another script than the passages still gets the quotes', async () => {
  const text = await ask('保修期多长？', [passage('warranty.md', 'The warranty lasts 24 months.')])
  assert.match(text, /^没有找到能直接回答/)
  assert.match(text, /\[1\] warranty\.md\n> The warranty lasts 24 months\./)
})

test('overlapping chunks do not repeat a sentence', async () => {
  const text = 'The lid is made of steel. The kettle weighs 1.2 kg and holds 1.7 litres.'
  const answer = answerIn(await ask('How heavy is the kettle?', [passage('a', text, 1), passage('b', text, 0.9)]))
  assert.equal(answer.match(/1\.2 kg/g)?.length, 1)
})

test('JSON is written when it is asked for', async () => {
  const text = await ask('Who founded Acme?', ENGLISH, { params: { responseFormat: 'json' } })
  const { answer, sources } = JSON.parse(text) as { answer: string; sources: { number: number; document: string }[] }
  assert.match(answer, /Helen Schmidt/)
  assert.deepEqual(sources.map(({ number, document }) => `${number} ${document}`)[0], '1 faq.txt')
})

test('the answer streams in small pieces and stops at maxTokens', async () => {
  const all = await events({ messages: [{ role: 'user', content: '公司总部在哪里？' }], passages: CHINESE })
  const texts = all.flatMap((event) => (event.type === 'text' ? [event.text] : []))
  assert.ok(texts.length > 20 && texts.every((text) => text.length <= 40))
  const short = await events({
    messages: [{ role: 'user', content: 'Who founded Acme?' }],
    passages: ENGLISH,
    params: { maxTokens: 5 },
  })
  assert.equal(short.length, 6)
  assert.ok(
    short.at(-1)?.type === 'finish' && short.some((event) => event.type === 'finish' && event.reason === 'length'),
  )
})

test('hostile passages cost no more than large ones', async () => {
  const nasty = [
    'a'.repeat(20_000),
    '1 '.repeat(10_000),
    '- '.repeat(10_000),
    'a@'.repeat(10_000),
    '。'.repeat(20_000),
    '|\n'.repeat(9_000),
  ]
  const startedMs = performance.now()
  for (const question of ['How long does it take?', 'What is the email address?', '谁写的？', 'Who wrote it in 1998?'])
    assert.ok(
      (
        await ask(
          question,
          nasty.map((text, i) => passage(`${i}\n\u0000.txt`, text)),
        )
      ).length > 0,
    )
  assert.ok(performance.now() - startedMs < 10_000)
})

test('the URI takes nothing', async () => {
  await (await openModel('extractive:')).close()
  for (const uri of ['extractive:?top=3', 'extractive:foo', 'extractive://user:hunter2@host'])
    await assert.rejects(
      openModel(uri),
      (err: unknown) => err instanceof AppError && err.code === 'invalid_argument' && !err.message.includes('hunter2'),
    )
})
