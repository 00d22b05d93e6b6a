interface Builtin {
  readonly 'node:crypto': typeof import('node:crypto')
  readonly 'node:v8': typeof import('node:v8')
  readonly 'node:vm': typeof import('node:vm')
  readonly 'node:zlib': typeof import('node:zlib')
}

/** A module of Node where there is Node, without an import of it, so that bundlers for browsers see none. */
export function nodeBuiltin<Name extends keyof Builtin>(name: Name): Builtin[Name] | undefined {
  const here: { process?: Partial<NodeJS.Process> } = globalThis
  return here.process?.getBuiltinModule?.(name)
}
