export const ACTOR_RULE = 'a name of 1 to 128 visible characters'

/** Whether it can be shown on one line of a history. */
export function isActor(text: string): boolean {
  return text.length > 0 && text.length <= 128 && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
}
