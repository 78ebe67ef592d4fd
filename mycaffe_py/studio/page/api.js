// Questions to the studio. An error has the five parts that the command tells it in.
import {found, lost} from "./lost.js";

export class Refused extends Error {
  constructor(parts) {
    super(parts.text || parts.found || "The studio does not answer.");
    this.parts = parts;
  }
}

/** The answer to GET `path` with the values of `query`. */
export async function get(path, query = {}) {
  const words = new URLSearchParams(query).toString();
  return answer(fetch(words ? `${path}?${words}` : path));
}

/** The answer to POST `path` with `body` as JSON. */
export async function post(path, body = {}, method = "POST") {
  return answer(fetch(path, {
    method, headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  }));
}

async function answer(asked) {
  let response;
  try {
    response = await asked;
  } catch {
    lost("ended");
    throw new Refused({text: "The studio does not answer: start 'mycaffe studio' again."});
  }
  if (response.status === 401) lost("anew");
  else found();
  const kind = response.headers.get("content-type") || "";
  const content = kind.includes("json") ? await response.json() : {error: {text: await response.text()}};
  if (!response.ok) throw new Refused(content.error || {text: response.statusText});
  return content;
}
