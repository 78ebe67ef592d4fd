// The addresses of pages: names of files and runs may hold any character, and their slashes stay.

const VIEWS = /\/(try|test|map)$/;

/** The address of the page of a `kind` ("model", "solver", "data") about `name`. */
export function pageOf(kind, name) {
  return `/${kind}/${encoded(name)}`;
}

/** The address of a run, or of its `view`: "try", "test" or "map". */
export function runPage(name, view = "") {
  if (view) return `${pageOf("run", name)}/${view}`;
  // A run may be called as a view is; the slash says that the name has ended.
  return pageOf("run", name) + (VIEWS.test(`/${name}`) ? "/" : "");
}

/** `name` for the path of an address. */
export function encoded(name) {
  // A name that is no text at all, which some systems allow, has no address: its like is asked for.
  return name.split("/").map((part) => encodeURIComponent(part.toWellFormed())).join("/");
}

/** The names that a page's pattern finds in the path of an address; null where it does not fit. */
export function namesIn(path, pattern) {
  const found = path.match(pattern);
  if (!found) return null;
  try {
    return Object.fromEntries(Object.entries(found.groups || {}).map(([key, value]) => [key, decodeURIComponent(value)]));
  } catch {
    return null;
  }
}
