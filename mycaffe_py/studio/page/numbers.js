// Numbers as the command tells them.

/** A count, with a comma at each thousand. */
export function count(n) {
  return n.toLocaleString("en");
}

/** A share in percent, as the command tells it. */
export function percent(share) {
  return Number.isFinite(share) ? `${(100 * share).toFixed(2)} %` : "not measured";
}

/** A distance in four figures. */
export function distance(value) {
  if (!Number.isFinite(value)) return "none";
  return Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(+value.toPrecision(4));
}
