import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Cause } from '../errors/cause.js'
import { connectionRefused, timedOut } from '../errors/causes/network.js'
import { aborted, objectExists, objectMissing, sourceFailed } from '../errors/causes/objects.js'
import { accessDenied } from '../errors/causes/s3-access.js'
import { storeFault, throttled } from '../errors/causes/s3-service.js'
import { CircuitBreakerOpenError } from '../errors/circuit-breaker-open/error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { S3CircuitBreaker, s3CircuitBreaker } from './circuit-breaker.js'
import type { Circuit, CircuitRules } from './circuit-breaker-circuit.js'

const PLACE = { endpoint: 'http://127.0.0.1:9', bucket: 'models' }
const CALL = { operation: 'Storing s3://models/a', s3Path: 's3://models/a' }

const failing = (reason: Cause) => async () => {
  throw new S3UploadError({ s3Path: 's3://models/a' }, { reason })
}
const outage = failing(storeFault)
const fine = async () => 'fine'

const run = (circuit: Circuit, make: () => Promise<unknown>) =>
  circuit.run(CALL, make).catch((error: unknown) => error)

async function times(count: number, circuit: Circuit, make: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await run(circuit, make)
}

function breakerWith(rules: Partial<CircuitRules> = {}) {
  const breaker = new S3CircuitBreaker({ minimumCalls: 4, ...rules })
  const changes: string[] = []
  breaker.onChange(({ bucket, state }) => changes.push(`${bucket} ${state.is}`))
  return { breaker, changes, circuit: breaker.circuit(PLACE) }
}

/** An open circuit, at the end of its cooldown. */
async function readyToProbe() {
  const opened = breakerWith()
  await times(4, opened.circuit, outage)
  vi.advanceTimersByTime(30_000)
  return opened
}

describe('s3CircuitBreaker', () => {
  it('is one for the whole process, and can be reset by whoever has it', async () => {
    const circuit = s3CircuitBreaker.circuit(PLACE)
    await times(5, circuit, outage)
    expect(s3CircuitBreaker.circuit(PLACE).state.is).toBe('open')
    s3CircuitBreaker.reset()
    expect(circuit.state.is).toBe('closed')
  })
})

describe('S3CircuitBreaker', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('lets calls through, and gives back what they give', async () => {
    const { circuit } = breakerWith()
    expect(await circuit.run(CALL, fine)).toBe('fine')
    expect(circuit.stats()).toMatchObject({ state: { is: 'closed' }, total: { succeeded: 1, failed: 0 } })
  })

  it('opens when more than half of the calls failed, and not at half', async () => {
    const { circuit, changes } = breakerWith()
    await times(2, circuit, fine)
    await times(2, circuit, outage)
    expect(circuit.state.is).toBe('closed')
    await run(circuit, outage)
    expect(circuit.state).toEqual({ is: 'open', until: new Date(Date.now() + 30_000) })
    expect(changes).toEqual(['models open'])
  })

  it('does not open before enough calls were made', async () => {
    const { circuit } = breakerWith()
    await times(3, circuit, outage)
    expect(circuit.state.is).toBe('closed')
    await run(circuit, outage)
    expect(circuit.state.is).toBe('open')
  })

  it('refuses calls while it is open, without making them, and says for how long', async () => {
    const { circuit } = breakerWith()
    await times(4, circuit, outage)
    vi.advanceTimersByTime(10_000)
    const made = vi.fn(fine)
    const refusal = await run(circuit, made)
    expect(made).not.toHaveBeenCalled()
    expect(refusal).toBeInstanceOf(CircuitBreakerOpenError)
    expect(refusal).toMatchObject({
      code: 'CIRCUIT_BREAKER_OPEN',
      context: { ...PLACE, s3Path: 's3://models/a', retryInMs: 20_000, stats: { failureRate: 1 } },
      retry: { advice: 'safe', inMs: 20_000 },
    })
    expect(circuit.stats().total).toEqual({ succeeded: 0, failed: 4, refused: 1, opened: 1 })
  })

  it('closes when the one call that it lets through succeeds, and forgets the outage', async () => {
    const { circuit, changes } = await readyToProbe()
    expect(circuit.state.is).toBe('half-open')
    expect(await run(circuit, fine)).toBe('fine')
    expect(changes).toEqual(['models open', 'models half-open', 'models closed'])
    await times(1, circuit, outage)
    expect(circuit.state.is).toBe('closed')
  })

  it('opens again for the whole time when that call fails', async () => {
    const { circuit, changes } = await readyToProbe()
    await run(circuit, outage)
    expect(circuit.state).toEqual({ is: 'open', until: new Date(Date.now() + 30_000) })
    expect(changes).toEqual(['models open', 'models half-open', 'models open'])
  })

  it('lets one call through at a time while it is half-open', async () => {
    const { circuit } = await readyToProbe()
    const answer = Promise.withResolvers<string>()
    const probe = run(circuit, () => answer.promise)
    const others = await Promise.all([run(circuit, fine), run(circuit, fine)])
    for (const other of others) expect(other).toBeInstanceOf(CircuitBreakerOpenError)
    answer.resolve('fine')
    await probe
    expect(await run(circuit, fine)).toBe('fine')
  })

  it('takes a refusal of the store for a sign of life', async () => {
    const { circuit } = await readyToProbe()
    await run(circuit, failing(accessDenied))
    expect(circuit.state.is).toBe('closed')
  })

  it('learns nothing from a probe that its caller ends, and lets the next one try', async () => {
    const { circuit } = await readyToProbe()
    await run(circuit, failing(aborted))
    expect(circuit.state.is).toBe('half-open')
    await run(circuit, failing(sourceFailed))
    expect(circuit.state.is).toBe('half-open')
    await run(circuit, fine)
    expect(circuit.state.is).toBe('closed')
  })

  it.each([storeFault, throttled, timedOut, connectionRefused])('counts $id', async (cause) => {
    const { circuit } = breakerWith()
    await times(4, circuit, failing(cause))
    expect(circuit.state.is).toBe('open')
  })

  it.each([accessDenied, objectMissing, objectExists, aborted, sourceFailed])(
    'does not count $id',
    async (cause) => {
      const { circuit } = breakerWith()
      await times(20, circuit, failing(cause))
      expect(circuit.stats()).toMatchObject({ state: { is: 'closed' }, total: { failed: 0 } })
    },
  )

  it('does not count a fault of this program, and passes it on', async () => {
    const { circuit } = breakerWith()
    const fault = new TypeError('x is not a function')
    for (let i = 0; i < 20; i++)
      await expect(
        circuit.run(CALL, async () => {
          throw fault
        }),
      ).rejects.toBe(fault)
    expect(circuit.stats()).toMatchObject({ state: { is: 'closed' }, total: { failed: 0 } })
  })

  it('forgets calls that are longer ago than the window', async () => {
    const { circuit } = breakerWith({ windowMs: 10_000 })
    await times(3, circuit, outage)
    vi.advanceTimersByTime(11_000)
    await times(1, circuit, outage)
    expect(circuit.stats().window).toEqual({ succeeded: 0, failed: 1 })
    expect(circuit.state.is).toBe('closed')
  })

  it('counts each endpoint and bucket by itself', async () => {
    const { breaker, circuit } = breakerWith()
    await times(4, circuit, outage)
    const others = [
      { ...PLACE, bucket: 'others' },
      { ...PLACE, endpoint: 'http://127.0.0.1:8' },
    ]
    for (const other of others) expect(await run(breaker.circuit(other), fine)).toBe('fine')
    expect(breaker.stats().map(({ bucket, state }) => `${bucket} ${state.is}`)).toEqual([
      'models open',
      'others closed',
      'models closed',
    ])
  })

  it('keeps the last failures with their causes, newest first', async () => {
    const { circuit } = breakerWith({ minimumCalls: 100 })
    await times(4, circuit, outage)
    await times(3, circuit, failing(timedOut))
    expect(circuit.stats().lastFailures.map(({ cause }) => cause)).toEqual([
      ...['timed-out', 'timed-out', 'timed-out'],
      ...['store-fault', 'store-fault'],
    ])
  })

  it('is closed and without a memory after a reset, and opens again at the next outage', async () => {
    const { breaker, circuit, changes } = breakerWith()
    await times(4, circuit, outage)
    breaker.reset()
    expect(circuit.stats()).toMatchObject({
      state: { is: 'closed' },
      window: { succeeded: 0, failed: 0 },
      lastFailures: [],
    })
    await times(3, circuit, outage)
    expect(circuit.state.is).toBe('closed')
    await times(1, circuit, outage)
    expect(circuit.state.is).toBe('open')
    expect(changes).toEqual(['models open', 'models closed', 'models open'])
  })

  it('is in its state since a reset, also where it was closed before', () => {
    const { breaker, circuit } = breakerWith()
    const before = circuit.stats().since.getTime()
    vi.setSystemTime(before + 5_000)
    breaker.reset()
    expect(circuit.stats().since.getTime()).toBe(before + 5_000)
  })

  it('does not let calls from before a reset open it', async () => {
    const { breaker, circuit } = breakerWith()
    const held = Promise.withResolvers<never>()
    const calls = Array.from({ length: 5 }, () => run(circuit, () => held.promise))
    breaker.reset()
    held.reject(new S3UploadError({ s3Path: 's3://models/a' }, { reason: storeFault }))
    await Promise.all(calls)
    expect(circuit.state.is).toBe('closed')
    expect(circuit.stats().window).toEqual({ succeeded: 0, failed: 0 })
  })

  it('counts what breaks after a call had ended well', async () => {
    const { circuit } = breakerWith()
    const broken = new S3UploadError({ s3Path: 's3://models/a' }, { reason: timedOut })
    for (let i = 0; i < 4; i++) circuit.note(CALL, broken)
    await expect.poll(() => circuit.state.is).toBe('open')
    circuit.note(CALL, broken)
    expect(circuit.stats().total.refused).toBe(0)
  })
})
