import { expect, it } from 'vitest'
import { z } from 'zod'
import { atMost, problemsOf } from './problems.js'

const schema = z.strictObject({ name: z.string().optional(), sizes: z.array(z.number()).optional() })

function problems(value: unknown) {
  const parsed = schema.safeParse(value, { reportInput: true })
  return parsed.success ? [] : problemsOf(parsed.error, value, Object.keys(schema.shape))
}

it('names a hundred problems at most, and says how many more there are', () => {
  const keys = Object.fromEntries(Array.from({ length: 350 }, (_, i) => [`nmae${i}`, i]))
  const found = problems({ sizes: ['x'], ...keys })
  expect(found).toHaveLength(101)
  expect(found[0]).toMatchObject({ path: 'sizes.0' })
  expect(found.at(-1)).toEqual({
    path: '',
    found: '251 more problems',
    allowed: 'none',
    message: 'there are 251 more problems',
  })
})

it('looks at no more problems than it names', () => {
  let made = 0
  const problem = () => ({ path: String(++made), found: '', allowed: '', message: '' })
  expect(atMost(Array.from({ length: 101 }, () => problem)).at(-1)?.message).toBe('there is 1 more problem')
  expect(made).toBe(100)
})

it('says of what has to be there that a value is allowed', () => {
  const required = z.object({ body: z.string().optional().nonoptional() })
  const parsed = required.safeParse({}, { reportInput: true })
  expect(parsed.success ? [] : problemsOf(parsed.error, {})).toMatchObject([
    { path: 'body', allowed: 'a value' },
  ])
})

it('names all of a hundred', () => {
  expect(problems({ sizes: Array.from({ length: 100 }, () => 'x') })).toHaveLength(100)
})

it('shows the beginning of a long key', () => {
  const [problem] = problems({ ['k'.repeat(100_000)]: 1 })
  expect(problem?.path.length).toBeLessThan(130)
  expect(problem?.message.length).toBeLessThan(200)
})
