import { expect, it } from 'vitest'
import { s3Provocations } from '../../src/provocations/s3-server.testing.js'
import { describeEachServer } from '../support/s3/each-server.js'

describeEachServer('The catalog, provoked through a registry', (server) => {
  it.for(s3Provocations.filter(({ notOn }) => notOn?.includes(server.name) !== true))(
    '$code/$cause: $how',
    async ({ code, cause, provoke }) => {
      expect(await provoke(server)).toEqual({ code, cause })
    },
  )
})
