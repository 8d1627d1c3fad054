// What the page asks of its server.

import { alarm } from "/dom.js";
import { say } from "/words.js";

/** Why something was not done, in words. */
export class Failure extends Error {}

async function ask(path, options) {
  const lost = options ? `${say("lost")} ` : "";
  let answer, text;
  try {
    answer = await fetch(path, { ...options, signal: AbortSignal.timeout(20_000) });
    text = await answer.text();
  } catch {
    throw new Failure(lost + say("offline"));
  }
  if (answer.status === 403 && text.startsWith("403:")) throw new Failure(lost + say("shut"));
  if (!answer.ok) throw new Failure(lost + (text || `${answer.status}`));
  return JSON.parse(text);
}

export function get(path, values = {}) {
  return ask(`${path}?${new URLSearchParams(values)}`);
}

export function post(path, body) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** Steps of a screen that wait for the server: one at a time, and loud where one fails; the screen stays as it is until it is done. */
export class Steps {
  busy = false;

  async ask(what, again) {
    if (this.busy) return undefined;
    this.busy = true;
    try {
      const made = await what();
      alarm();
      return made;
    } catch (failure) {
      alarm(failure.message, say("retry"), again);
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
