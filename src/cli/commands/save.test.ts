import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

const shapes = '--input-shape 60,5 --output-shape 1'

describe('modelry save', () => {
  it('saves a file with all that the options say of it, and says where it is and what comes next', async () => {
    const cli = await cliInFolder()
    await cli.write('model.json', '{"w":[1]}')
    const line = `save model.json --id team/btc --version 1.0.0 --type lstm ${shapes} --accuracy .93 --metric mae=1e-3 --tag team=quant --description 'A first try' --framework none`
    const { stdout } = await cli.ok(line)
    expect(stdout).toContain('Saved team/btc@1.0.0, version 1 of team/btc: 1 file, 9 B.')
    expect(stdout).toMatch(/Stored at s3:\/\/models\/team\/btc\/1\.0\.0\/.*model\.json/)
    expect(stdout).toContain(`${cli.folder}/.modelry/artifacts/models/team/btc/1.0.0/`)
    expect(stdout).toContain('modelry deploy team/btc@1.0.0 --env production')
    expect((await cli.ok('get team/btc --json')).json).toMatchObject({
      inputShape: [60, 5],
      accuracy: 0.93,
      metrics: { mae: 0.001 },
      tags: { team: 'quant' },
      description: 'A first try',
      framework: 'none',
      createdBy: 'tester',
    })
  })

  it('saves every file of a folder', async () => {
    const cli = await cliInFolder()
    await cli.write('model/model.json', '{}')
    await cli.write('model/weights/part-1.bin', 'abc')
    const { json } = await cli.ok(`save model --id btc --version 1.0.0 --type lstm ${shapes} --json`)
    expect(json).toMatchObject({ files: [{ path: 'model.json' }, { path: 'weights/part-1.bin', size: 3 }] })
  })

  it('saves standard input under the name that --name gives', async () => {
    const cli = await cliInFolder()
    const line = `save - --id btc --version 1.0.0 --type neural ${shapes} --json`
    const { json } = await cli.ok(`${line} --name net/model.onnx`, { stdin: 'bytes' })
    expect(json).toMatchObject({ files: [{ path: 'net/model.onnx', size: 5 }] })
    expect(await cli(line)).toMatchObject({ code: 2, stdout: expect.stringContaining('--name model.onnx') })
    expect((await cli(`save x --name y --id btc --version 2.0.0 --type neural ${shapes}`)).code).toBe(2)
  })

  it('takes metadata from a file, and lets options win over it', async () => {
    const cli = await cliInFolder()
    await cli.write('model.json', '{}')
    await cli.write(
      'metadata.json',
      JSON.stringify({
        modelId: 'btc',
        version: '1.0.0',
        modelType: 'lstm',
        inputShape: [60, 5],
        outputShape: [1],
        metrics: { mae: 1, loss: 2 },
        tags: { team: 'quant' },
        lineage: { run: '42' },
      }),
    )
    const { json } = await cli.ok(
      'save model.json --metadata metadata.json --version 1.1.0 --metric mae=3 --tag draft= --json',
    )
    expect(json).toMatchObject({
      version: '1.1.0',
      metrics: { mae: 3, loss: 2 },
      tags: { team: 'quant', draft: '' },
      lineage: { run: '42' },
    })
  })

  it('names every option that is missing', async () => {
    const cli = await cliInFolder()
    const { code, stderr } = await cli('save model.json --id btc')
    expect(code).toBe(2)
    expect(stderr).toContain('save needs --version, --type, --input-shape, --output-shape as well.')
  })

  it('reports every problem of every option at once, and opens no store', async () => {
    const cli = await cliInFolder()
    const line =
      'save model.json --id .. --version 1 --type gru --input-shape 60,x --output-shape 1 --accuracy high --metric mae=low'
    const { code, json } = await cli(`${line} --json`)
    expect(code).toBe(1)
    expect(json).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    const problems = JSON.stringify(json)
    for (const path of ['modelId', 'version', 'modelType', 'inputShape.1', 'accuracy', 'metrics.mae'])
      expect(problems).toContain(`"path":"${path}"`)
    expect((await cli.ok('list --json')).json).toEqual({ items: [] })
  })

  it('says of a field in the metadata file with a name that is none which one is meant', async () => {
    const cli = await cliInFolder()
    await cli.write(
      'm.json',
      '{"modelId":"a","verison":"1.0.0","modelType":"lstm","inputShape":[1],"outputShape":[1]}',
    )
    const { code, json } = await cli('save model.json --metadata m.json --json')
    expect(code).toBe(1)
    expect(JSON.stringify(json)).toContain('did you mean version?')
  })

  it('refuses a metadata file with a key given twice, one that is too long and one that is not there', async () => {
    const cli = await cliInFolder()
    const save = async () => JSON.stringify((await cli('save model.json --metadata m.json --json')).json)
    expect(await save()).toContain('a file that can be read')
    await cli.write('m.json', '{"modelId":"a","modelId":"b"}')
    expect(await save()).toContain('each key once')
    await cli.write('m.json', `{"description":"${'x'.repeat(70_000)}"}`)
    expect(await save()).toContain('at most 65536 bytes')
    await cli.write('m.json', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))
    expect(await save()).toContain('a file that can be read')
    await cli.write('m.json', '[]')
    expect(await save()).toContain('an object of metadata')
  })

  it('refuses a source that is not there, and a version that exists', async () => {
    const cli = await cliInFolder()
    const options = `--id btc --version 1.0.0 --type lstm ${shapes} --json`
    expect((await cli(`save nothing ${options}`)).json).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    await cli.save('btc@1.0.0')
    expect(await cli(`save model.json ${options}`)).toMatchObject({
      code: 1,
      json: { code: 'DUPLICATE_MODEL', context: { identical: true, nextVersion: '1.1.0' } },
    })
  })
})
