/** What the two versions of the tour's model are made with. */
export const recipes = [
  {
    version: '1.0.0',
    units: 2,
    epochs: 4,
    description: 'A first try: two units, four passes over the data.',
  },
  { version: '1.1.0', units: 6, epochs: 12, description: 'Six units, twelve passes over the data.' },
] as const

export type Recipe = (typeof recipes)[number]
