import { termsOf } from './terms.ts'

/** Words that questions and documents use for the same thing: the everyday ones, not a thesaurus. */
const GROUPS = `found establish start create
holiday vacation leave
cost price fee charge free pay
phone telephone hotline call
email mail address
salary wage pay
lead head manage boss
employee staff worker
buy purchase order
sell sale sold
return refund
fix repair
begin start
end stop finish expire
weigh weight heavy
tall height high
long length last
far distance
old age
big size large
deep depth
wide width
job position work
need require mandatory must
allow permit may
illness ill sick
mean stand
help support
car vehicle park
delete remove
open unlock
stop close
install setup
error failure problem
guarantee warranty
ship deliver
cancel terminate
创立 创始 创办 成立 建立 设立 创建
价格 售价 费用 多少钱 收费 单价
电话 热线 手机
邮箱 邮件
地址 位于 设在 地点
员工 职工 人员
老板 负责人 领导 经理
退货 退款 退换
保修 质保 保固
休假 年假 假期 放假
上班 工作时间
打开 开启 启动
关闭 关掉
开始 起始
结束 截止 到期
購入 買う
設立 創業 創立
会社 当社 弊社 企業
休暇 休み
料金 値段 価格 費用
連絡 電話`

/** Term → the terms that may stand for it. */
export type Synonyms = ReadonlyMap<string, readonly string[]>

/** The table by terms, as they are compared. */
export function readSynonyms(): Synonyms {
  const out = new Map<string, string[]>()
  for (const line of GROUPS.split('\n')) {
    const group = line.split(' ').flatMap((word) => {
      const terms = termsOf(word)
      // A word that is no single term cannot be compared as one.
      return terms.length === 1 ? terms : []
    })
    for (const term of group) out.set(term, [...(out.get(term) ?? []), ...group.filter((other) => other !== term)])
  }
  return out
}
