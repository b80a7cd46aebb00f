import type { Endpoint } from "./condition";

/** Shortens a URL in its middle, so that its host and its end stay visible. */
export function shortUrl(url: string, characters = 60): string {
  if (url.length <= characters) {
    return url;
  }
  const end = Math.ceil((characters - 1) / 2);
  return `${url.slice(0, characters - 1 - end)}…${url.slice(-end)}`;
}

/** Returns the name of an endpoint: its own, or its URL, shortened. */
export const nameOf = ({ settings, url }: Pick<Endpoint, "settings" | "url">) =>
  settings.name ?? shortUrl(url);

/** Formats a number of endpoints: `1 endpoint`, `9 endpoints`. */
export const endpointCount = (count: number) => (count === 1 ? "1 endpoint" : `${count} endpoints`);
