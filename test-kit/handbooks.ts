/** A document to ask questions about, and what an answer must hold. The companies and all facts are invented. */
export type Handbook = {
  title: string
  /** Markdown-like: `#` and `##` headings, paragraphs apart by blank lines. One text per page. */
  pages: readonly string[]
  questions: readonly Question[]
}

export type Question = {
  ask: string
  /** Each of these stands in the passage that answers; no other passage has all of them. */
  facts: readonly string[]
  /** 1-based page of that passage. */
  page: number
}

export const handbookEn: Handbook = {
  title: 'Larkspur Robotics Employee Handbook',
  pages: [
    `# Larkspur Robotics Employee Handbook

Welcome to Larkspur Robotics. This handbook explains how we work together, what you can expect from the company and what the company expects from you. It applies to everyone with an employment contract in Lisbon, Tallinn and Halifax. Contractors receive a separate guide from the purchasing team.

The handbook was last revised in March. If a sentence here contradicts your contract, the contract wins. Questions about any chapter go to the people team, whose office is on the second floor in Lisbon and whose mailbox is people@larkspur.example.

## History of the company

Larkspur Robotics was founded in 2011 by Ines Carvalho and Tomas Rebane in a former cannery. The first product was a robot arm that sorted seashells for a museum. Today the company builds warehouse robots, and its best-known model is the Heron 4, which lifts 85 kilograms and works for eleven hours on one charge.

The company has 430 employees. It belongs to its founders and, since 2019, to a foundation that holds 40 percent of the shares and spends its dividends on technical schools.`,

    `# Working hours

The regular working week has 37.5 hours. You are free to arrange them between 6:30 in the morning and 8:00 in the evening, as long as you are reachable during the core hours, which are from 10:00 to 15:00 local time. Friday afternoon is free of meetings everywhere.

## Overtime

Overtime must be agreed with your lead in advance. The first ten hours of overtime in a month are compensated with free time; every further hour is paid with a supplement of 30 percent. Overtime that was not agreed is not compensated.

## Remote work

You may work from home for up to three days a week after your first two months. Working from another country is possible for at most 25 working days a year and needs the written consent of the people team, because taxes and social insurance depend on it. The company lends every remote worker a desk, a chair and a screen; ask the facilities team under extension 4410.`,

    `# Leave

Every employee has 27 days of paid annual leave. After five years with the company it is 30 days. Leave is requested in the tool called Calendarium at least two weeks ahead, and your lead must answer within four working days. Up to six unused days can be carried into the next year; they expire on 31 March.

## Sick leave

If you are ill, tell your lead before 9:30 on the first day. A doctor's certificate is needed from the fourth day on. Your salary is paid in full for the first eight weeks of an illness; after that the insurance pays 70 percent.

## Parental leave

Each parent can take 26 weeks of parental leave with full pay in the first two years after birth or adoption. The weeks may be split into at most three parts. Announce the first part ten weeks in advance.

## Volunteer days

Two days a year are paid for volunteer work with a charity of your choice. They cannot be carried over.`,

    `# Travel and expenses

Book trains and flights through the travel desk. For journeys under five hours the train is the rule, and flights within a country are not refunded. The travel desk answers under extension 4477 on working days from 8:00 to 17:00.

## Hotels and meals

A hotel may cost up to 140 euros a night including breakfast, in London and Zurich up to 210 euros. The daily allowance for meals is 48 euros for a full day and 24 euros for the day of departure and the day of return. Alcohol is never refunded.

## Claims

Hand in receipts within 30 days in the tool called Pelican. Claims below 20 euros need no receipt. Approved claims are paid with the next salary, which is transferred on the 25th of each month. A lost receipt can be replaced by a signed note twice a year.`,

    `# Safety in the workshop

Nobody works alone in the workshop. Safety shoes and glasses are compulsory beyond the yellow line. Before anyone enters the cage of a robot, the red key must be pulled and carried on the body. Robots are tested at a reduced speed of at most 250 millimetres a second.

## Accidents

Report each accident, however small, to the safety officer Marguerite Oyelaran under extension 4112. The first-aid room is next to gate B. A defibrillator hangs beside the reception and another one in workshop 3.

## Fire

When the alarm sounds, leave by the nearest stairs and meet at the old crane. Do not use the lifts. Fire drills take place in April and October.`,

    `# Information security

Lock your screen whenever you leave your desk. Passwords have at least 14 characters and are kept in the password manager called Kestrel. Never send customer drawings by e-mail; use the transfer service instead. Visitors wear an orange badge and are accompanied at all times.

## Lost devices

Report a lost laptop or phone to the security hotline under extension 4999 within one hour, also at night. The device is then erased remotely. There is no penalty for a prompt report.

## Learning

Each employee has a learning budget of 1,800 euros and five learning days a year. Books are ordered without approval. Courses above 900 euros need a short written report afterwards, which is published in the library.

## Leaving the company

The notice period is two months during the first three years and three months after that. Return your badge, laptop and red key on the last day. The people team will invite you to a farewell conversation.`,
  ],
  questions: [
    { ask: 'How many days of annual leave do I have?', facts: ['27 days', 'annual leave'], page: 3 },
    { ask: 'What are the core hours?', facts: ['10:00 to 15:00'], page: 2 },
    { ask: 'How much may a hotel cost per night in Zurich?', facts: ['210 euros'], page: 4 },
    {
      ask: 'Who is the safety officer to whom accidents are reported?',
      facts: ['Marguerite Oyelaran', '4112'],
      page: 5,
    },
    { ask: 'Who founded Larkspur Robotics?', facts: ['Ines Carvalho', 'Tomas Rebane', '2011'], page: 1 },
    { ask: 'How large is the learning budget of an employee?', facts: ['1,800 euros'], page: 6 },
    { ask: 'What do I do about a lost laptop?', facts: ['4999', 'one hour'], page: 6 },
    { ask: 'How many weeks of parental leave can each parent take?', facts: ['26 weeks'], page: 3 },
    {
      ask: 'Within how many days must receipts be handed in, and in which tool?',
      facts: ['30 days', 'Pelican'],
      page: 4,
    },
    { ask: 'How much can the Heron 4 robot lift?', facts: ['85 kilograms'], page: 1 },
  ],
}

export const handbookZh: Handbook = {
  title: '青藤机器人有限公司员工手册',
  pages: [
    `# 青藤机器人有限公司员工手册

欢迎加入青藤机器人有限公司。本手册说明公司的工作方式、员工的权利与义务，适用于杭州、成都和青岛三地的全体正式员工。实习生和外包人员另有专门的说明，请向采购部索取。

本手册每年三月修订一次。手册内容与劳动合同不一致时，以劳动合同为准。对任何章节有疑问，请联系人力资源部，办公室在杭州总部二楼，邮箱是 hr@qingteng.example。

## 公司简介

公司由林若兰和周启明于二〇一二年在杭州一家旧茶厂里创办。第一款产品是为茶叶分拣设计的机械臂。目前最受欢迎的产品是白鹭三号仓储机器人，最大载重八十五公斤，充满一次电可以连续工作十一个小时。公司现有员工四百三十人。`,

    `# 工作时间与考勤

公司实行每周三十七个半小时的弹性工作制。核心工作时间是上午十点到下午三点，在此期间员工必须保持联系畅通。每周五下午不安排会议。

## 加班

加班必须事先得到直属主管批准。每月前十个小时的加班以调休补偿，超过的部分按小时工资的百分之一百五十支付。未经批准的加班不予补偿。

## 远程办公

入职满两个月后，员工每周最多可以在家办公三天。在国外远程办公每年最多二十五个工作日，并且需要人力资源部书面同意。公司为远程办公的员工提供桌椅和显示器，请拨打行政部分机四四一〇申请。`,

    `# 休假制度

每位员工每年享有十五天带薪年假，工作满五年后增加到二十天。年假须提前两周在“日历通”系统中申请，主管应在四个工作日内答复。未休完的年假最多可以结转六天，结转的年假在次年三月三十一日失效。

## 病假

生病时请在当天上午九点半之前通知主管。从第四天起需要提供医院证明。病假的前八周工资全额发放，之后按百分之七十发放。

## 育儿假

父母双方在孩子出生或收养后的两年内各有二十六周带薪育儿假，最多可以分三次休完。第一次休假须提前十周申请。

## 公益假

每位员工每年有两天带薪公益假，可以参加自己选择的公益活动，不能结转到下一年。`,

    `# 差旅与报销

火车票和机票统一由差旅中心预订。五小时以内的路程应乘坐高铁，同省内的机票不予报销。差旅中心的分机是四四七七，工作日八点到十七点有人接听。

## 住宿和餐费

住宿标准为每晚四百五十元，含早餐；北京和上海可以放宽到每晚六百五十元。餐费补贴为全天一百二十元，出发当天和返回当天各六十元。酒类费用一律不报销。

## 报销流程

票据须在三十天内通过“鹈鹕”系统提交。二十元以下的费用不需要票据。审核通过的费用与下月工资一起发放，工资发放日为每月二十五日。`,

    `# 车间安全

任何人不得单独在车间作业。越过黄线必须穿安全鞋并佩戴护目镜。进入机器人围栏之前，必须拔下红色钥匙并随身携带。机器人测试时的速度不得超过每秒二百五十毫米。

## 事故报告

无论大小，所有事故都必须报告安全主管欧阳静，分机四一一二。急救室在二号门旁边，除颤器挂在前台和三号车间。

## 消防

听到警报后请从最近的楼梯撤离，到旧吊车处集合，不要乘坐电梯。消防演习在每年四月和十月举行。

# 信息安全

离开座位时请锁定屏幕。密码至少十四位，并保存在“红隼”密码管理器中。笔记本电脑或手机丢失后，须在一小时内拨打安全热线四九九九报告，夜间也有人值守。`,
  ],
  questions: [
    { ask: '员工每年有多少天带薪年假？', facts: ['十五天', '年假'], page: 3 },
    { ask: '核心工作时间是几点到几点？', facts: ['上午十点到下午三点'], page: 2 },
    { ask: '在北京和上海住宿每晚最多多少元？', facts: ['六百五十元'], page: 4 },
    { ask: '公司是谁创办的？', facts: ['林若兰', '周启明'], page: 1 },
    { ask: '安全主管是谁？', facts: ['欧阳静', '四一一二'], page: 5 },
    { ask: '育儿假有多少周？', facts: ['二十六周'], page: 3 },
    { ask: '白鹭三号最大载重是多少？', facts: ['八十五公斤'], page: 1 },
    { ask: '笔记本电脑丢失后怎么办？', facts: ['四九九九', '一小时'], page: 5 },
  ],
}

/** A price list, to be saved as CSV or XLSX. */
export const priceList: readonly (readonly (string | number)[])[] = [
  ['Article', 'Name', 'Price in euros', 'Delivery', 'Stock'],
  ['HR-4001', 'Heron 4 gripper, soft', 1290, '5 days', 14],
  ['HR-4002', 'Heron 4 gripper, magnetic', 1740, '3 weeks', 0],
  ['HR-4100', 'Heron 4 battery', 2150, '2 days', 37],
  ['HR-4101', 'Charging dock', 980.5, '2 days', 21],
  ['EG-1003', 'Egret camera head', 3400, '6 weeks', 3],
  ['EG-1010', 'Egret floor marker, pack of 50', 89.9, '1 day', 410],
  ['SV-0001', 'Yearly inspection', 650, 'by appointment', 1],
]
