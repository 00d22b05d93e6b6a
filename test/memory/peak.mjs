// node --import peak.mjs …: writes the largest resident set of the process, in bytes, to $MODELRY_PEAK_FILE when it ends.
import { writeFileSync } from 'node:fs'

process.on('exit', () =>
  writeFileSync(process.env.MODELRY_PEAK_FILE, String(process.resourceUsage().maxRSS * 1024)),
)
