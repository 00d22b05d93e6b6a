import { parseSync } from 'oxc-parser'

/**
 * One module that a file names. `static` is loaded with the file, `dynamic` when the line runs, `type` never.
 * An `import { type A }` counts as static: under verbatimModuleSyntax the module is still loaded.
 */
export interface Import {
  readonly from: string
  readonly kind: 'static' | 'dynamic' | 'type'
  readonly line: number
}

/** Every import of a TypeScript file in the order of its text. A name that is computed at run time is left out. */
export function readImports(file: string, text: string): Import[] {
  const { program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`)
  const imports: Import[] = []
  walk(program, (node) => {
    const found = importOf(node)
    if (found) imports.push({ ...found, line: text.slice(0, Number(node.start)).split('\n').length })
  })
  return imports
}

type Node = Readonly<Record<string, unknown>>

function importOf(node: Node): Pick<Import, 'from' | 'kind'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return named(node.source, node.importKind === 'type' ? 'type' : 'static')
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return named(node.source, node.exportKind === 'type' ? 'type' : 'static')
    case 'TSExternalModuleReference':
      return named(node.expression, 'static')
    case 'TSImportType':
      return named(node.source, 'type')
    case 'ImportExpression':
      return named(node.source, 'dynamic')
    default:
      return undefined
  }
}

function named(source: unknown, kind: Import['kind']): Pick<Import, 'from' | 'kind'> | undefined {
  const from = literal(source)
  return from === undefined ? undefined : { from, kind }
}

function literal(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (typeof node.value === 'string') return node.value
  const [only, ...others] = Array.isArray(node.quasis) ? node.quasis : []
  return others.length === 0 && isNode(only) && isNode(only.value) ? String(only.value.cooked) : undefined
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit)
  } else if (isNode(value)) {
    if (typeof value.type === 'string') visit(value)
    for (const child of Object.values(value)) walk(child, visit)
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
