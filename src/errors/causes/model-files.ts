import { anyOf, commonWording, defineCause, type ErrorContext, sdk, step, wording } from '../cause.js'
import { quote } from './place.js'

const ref = (c: ErrorContext) => (c.modelId && c.version ? `${c.modelId}@${c.version}` : 'MODEL@VERSION')
const theFile = (c: ErrorContext) => c.file ?? 'the file'
const verify = (c: ErrorContext) =>
  step('See whether the files are those that were saved: each is compared with its sha256.', {
    run: `modelry verify ${quote(ref(c))}`,
  })
const saveAnew = step(
  'When they are, export the model again, load it once on the spot, and save it under a new version.',
)

/** Weights and topology do not belong together, or the weights are cut. */
export const weightsMismatch = defineCause({
  id: 'weights-mismatch',
  title: 'The weights do not fit the model',
  narrows: ['json-invalid'],
  because: () => 'the weights do not have the shapes that the model says',
  evidence: anyOf(
    wording([
      'based on the provided shape…the tensor should have',
      'weight data…does not match',
      'layer weight shape…not compatible with provided weight shape',
      'shape mismatch…weight',
      'provided weight data has no target variable',
      'is expecting…weight(s), but instead received a weight list',
      'byte length of float32array should be a multiple of 4',
    ]),
  ),
  retry: 'after-fix',
  status: 422,
  steps: (c) => [
    verify(c),
    step('See that model.json and all of its weight files are of one export, and all there.'),
    saveAnew,
  ],
  source: 'https://www.tensorflow.org/js/guide/save_load',
})

/** ONNX is a protocol buffer; a cut or foreign file does not parse. */
export const onnxInvalid = defineCause({
  id: 'onnx-invalid',
  title: 'The file is not a whole ONNX model',
  because: (c) => `${theFile(c)} does not parse as ONNX`,
  evidence: anyOf(
    sdk('INVALID_PROTOBUF', 'InvalidProtobuf'),
    wording([
      'protobuf parsing failed',
      'error parsing message with type…modelproto',
      'failed to load model because protobuf',
      'invalid protobuf',
      'error parsing message with type…onnx',
      'unsupported model ir version',
      'this is an invalid model',
      'failed to deserialize the model',
    ]),
    commonWording(['invalid wire type']),
  ),
  retry: 'after-fix',
  status: 422,
  steps: (c) => [
    verify(c),
    step('See whether it is ONNX at all: the checker reads it and names what is wrong.', {
      run: `python -m onnx.checker ${quote(c.file ?? 'model.onnx')}`,
    }),
    step(
      'A file of about 130 bytes that starts with "version https://git-lfs" is a pointer of Git LFS, and not the model.',
    ),
    saveAnew,
  ],
  source: 'https://onnxruntime.ai/docs/api/c/group___global.html',
})

/** JSON that ends too early, or is something else. */
export const jsonInvalid = defineCause({
  id: 'json-invalid',
  title: 'The file is not whole JSON',
  because: (c) => `${theFile(c)} does not parse as JSON`,
  evidence: anyOf(
    wording(['failed to parse model json']),
    commonWording([
      'unexpected end of json input',
      'unterminated string in json',
      'expected…after property value in json',
      'expected…after array element in json',
      'expected property name or',
      'unexpected non-whitespace character after json',
      'in json at position',
      'is not valid json',
      'jsondecodeerror',
    ]),
  ),
  retry: 'after-fix',
  status: 422,
  steps: (c) => [
    verify(c),
    step('Look at its end: a file that was cut ends in the middle of a value.', {
      run: `tail -c 200 ${quote(c.file ?? 'model.json')}`,
    }),
    saveAnew,
  ],
  source: 'https://www.rfc-editor.org/rfc/rfc8259',
})

/** Safetensors starts with the length of its header, and the header says where each tensor ends. */
export const safetensorsInvalid = defineCause({
  id: 'safetensors-invalid',
  title: 'The file is not whole safetensors',
  because: (c) => `${theFile(c)} does not parse as safetensors`,
  evidence: anyOf(
    sdk('SafetensorError'),
    wording([
      'error while deserializing header',
      'headertoolarge',
      'invalidheaderdeserialization',
      'metadataincompletebuffer',
      'incomplete metadata, file not fully covered',
    ]),
  ),
  retry: 'after-fix',
  status: 422,
  steps: (c) => [
    verify(c),
    step('Compare its size with the one recorded: a file that was cut is shorter than its header says.', {
      run: `ls -l ${quote(c.file ?? 'model.safetensors')}`,
    }),
    step(
      'A file of about 130 bytes that starts with "version https://git-lfs" is a pointer of Git LFS, and not the model.',
    ),
    saveAnew,
  ],
  source: 'https://huggingface.co/docs/safetensors/index#format',
})

/** All bytes are as they were saved, and no model comes of them. */
export const modelFileCauses = [weightsMismatch, onnxInvalid, safetensorsInvalid, jsonInvalid] as const
