import { describe, expect, it } from 'vitest'
import { cliInFolder } from './cli.testing.js'

describe('the exit code', () => {
  it('is 0 when it is done, 1 for an error of the registry and 2 for wrong usage', async () => {
    const cli = await cliInFolder()
    expect((await cli('list')).code).toBe(0)
    expect((await cli('get nothing@1.0.0')).code).toBe(1)
    expect((await cli('get')).code).toBe(2)
  })

  it('is 130 when the user interrupts', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const { code, stderr } = await cli('verify btc', { signal: AbortSignal.abort() })
    expect(code).toBe(130)
    expect(stderr).toContain('aborted')
  })
})

describe('wrong usage', () => {
  it.each([
    ['', 'There is a command missing'],
    ['lst', "Unknown command 'lst'. Did you mean list?"],
    ['list --statsu active', "Unknown option '--statsu'. Did you mean --status?"],
    ['list --status ative', 'Allowed choices are active, inactive, archived.'],
    ['list --limit many', 'It is a whole number.'],
    ['deploy btc@1.0.0', "Required option '--env <environment>' not specified."],
    ['deploy btc@1.0.0 --env production --wait 10', 'It is a number with ms, s, m, h or d behind it'],
    ['deploy btc --env production', 'Name the version that is meant: modelry deploy btc@<version>.'],
    ['get a b', 'Too many arguments'],
    ['alias st a b', "Unknown command 'st'. Did you mean set?"],
    ['explain DUPLICATE_MODL', 'Did you mean DUPLICATE_MODEL?'],
    ['save model.json --metric loss', 'It has the form name=value.'],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish.'],
  ])(
    '%s: is said in whole sentences on standard error, and nothing is said on standard output',
    async (line, sentence) => {
      const cli = await cliInFolder()
      const { code, stdout, stderr } = await cli(line)
      expect(code).toBe(2)
      expect(stdout).toBe('')
      expect(stderr.replace(/\s+/g, ' ')).toContain(sentence)
      expect(Math.max(...stderr.split('\n').map((text) => text.length))).toBeLessThanOrEqual(80)
      expect(stderr).not.toMatch(/^error:/m)
    },
  )

  it('is JSON on standard output with --json', async () => {
    const cli = await cliInFolder()
    expect((await cli('lst --json')).json).toEqual({
      name: 'UsageError',
      message: "Unknown command 'lst'. Did you mean list? Add --help to see how it is used.",
    })
  })
})

describe('options of every command', () => {
  it('stand before or after the command', async () => {
    const cli = await cliInFolder()
    expect((await cli('--json list')).json).toEqual({ items: [] })
    expect((await cli('list --json')).json).toEqual({ items: [] })
    expect((await cli.ok('--home elsewhere config --json')).json).toMatchObject({ home: { from: '--home' } })
  })

  it('colour nothing unless a terminal reads it', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const colour = String.fromCharCode(27)
    expect((await cli.ok('get btc')).stdout).not.toContain(colour)
    expect((await cli.ok('get btc', { columns: 80 })).stdout).toContain(colour)
    expect((await cli.ok('get btc --no-color', { columns: 80 })).stdout).not.toContain(colour)
    expect((await cli.ok('get btc', { columns: 80, env: { NO_COLOR: '1' } })).stdout).not.toContain(colour)
  })
})

describe('help', () => {
  it('is the same for help <command> and <command> --help', async () => {
    const cli = await cliInFolder()
    const help = await cli.ok('save --help')
    expect(help.stdout).toContain('Examples:')
    expect((await cli.ok('help save')).stdout).toBe(help.stdout)
  })

  it('prints the version', async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
