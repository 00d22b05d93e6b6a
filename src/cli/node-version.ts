/**
 * Why the command line does not run on this Node, and what to do; undefined where it does. The versions are those of
 * `engines` in package.json. It uses nothing that an old Node lacks.
 */
export function nodeRefusal(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major >= 24 || (major === 22 && minor >= 23)) return undefined
  return `modelry needs Node 22.23, 24 or newer; this is ${version}. Install Node 24 from https://nodejs.org/ and run the command again; in a clone of modelry, npm run modelry -- <command> brings a Node along.`
}
