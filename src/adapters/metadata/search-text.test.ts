import { expect, it } from 'vitest'
import { foldText, searchText } from './search-text.js'

it('makes texts equal that read alike', () => {
  expect(foldText('ÉTÉ')).toBe(foldText('e\u0301te\u0301'))
  expect(foldText('ΟΔΟΣ')).toBe(foldText('οδος'))
  expect(foldText('οδοσ')).toBe('οδοσ')
  expect(foldText('a\0b')).not.toContain('\0')
})

it('keeps every part of a text a part of it', () => {
  // A final sigma in the part is none in the whole.
  expect(foldText('ΟΔΟΣΑ')).toContain(foldText('ΟΔΟΣ'))
})

it('holds the name, the description and the tags, each on its own line', () => {
  expect(searchText('Team/Net', 'Big', { stage: 'Prod', empty: '' })).toBe(
    'team/net\nbig\nstage=prod\nempty=',
  )
  expect(searchText('net', undefined, undefined)).toBe('net\n')
})
