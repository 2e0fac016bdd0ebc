/** A machine with other work needs seconds for what else takes milliseconds. */
export const TIMEOUT = 20_000;

/** Waits for a condition that comes for sure; `more` is printed if it does not. */
export async function until(condition, what, more = () => '') {
  const deadline = Date.now() + TIMEOUT;
  while (Date.now() < deadline) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come within ${TIMEOUT / 1000} s\n${await more()}`);
}
