import type { Case } from '../../base/conformance.ts'
import { deliveryCases } from './conformance/delivery.ts'
import { failureCases } from './conformance/failure.ts'
import type { MqHarness } from './conformance/kit.ts'
import { lifecycleCases } from './conformance/lifecycle.ts'
import { orderCases } from './conformance/order.ts'

/** What every message queue must do. */
export const mqCases: readonly Case<MqHarness>[] = [...deliveryCases, ...orderCases, ...failureCases, ...lifecycleCases]

// Left out, because our interface makes them meaningless or leaves them to the tests of one kind of provider:
// MQ-23 there is no dedupId: handlers are idempotent on the message id.
// MQ-29 a broker that is down or comes back: in test-kit/broker-cases.ts, where cases stop and start one of their own.
// MQ-33 attempt counts across a reconnect: the same.
// MQ-38 mem:// has no journal: the outbox in the database is what survives.
// MQ-39 all waits are timers of the runtime, which are monotonic; there is no clock to jump.
