import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

const exec = promisify(execFile)

describe('modelry completion', () => {
  it('completes commands, options and their values in bash', async () => {
    const cli = await cliInFolder()
    const script = (await cli.ok('completion bash')).stdout
    const complete = async (line: string) => {
      const words = line.split(' ')
      const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _modelry; echo "\${COMPREPLY[*]}"`
      return (await exec('bash', ['-c', `${script}\n${ask}`])).stdout.trim().split(' ')
    }
    expect(await complete('modelry de')).toEqual(['deploy', 'deployments', 'delete'])
    expect(await complete('modelry --json alias ')).toEqual(expect.arrayContaining(['set', 'rm']))
    expect(await complete('modelry deploy btc@1.0.0 --e')).toEqual(['--env', '--expect'])
    expect(await complete('modelry list --status a')).toEqual(['active', 'archived'])
    expect(await complete('modelry completion ')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })

  it.each(['zsh', 'fish'])('knows every command in %s', async (shell) => {
    const cli = await cliInFolder()
    const script = (await cli.ok(`completion ${shell}`)).stdout
    for (const name of ['save', 'rollback', 'revoke', 'tour', 'input-shape', 'archived'])
      expect(script).toContain(name)
    expect((await cli.ok(`completion ${shell} --json`)).json).toMatchObject({ shell })
  })
})
