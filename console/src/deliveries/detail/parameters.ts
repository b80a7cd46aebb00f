/** Returns the parameters of a URL's query, decoded, in their order. */
export function parametersOf(url: string): { name: string; value: string }[] {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? "";
  return query
    .split("&")
    .filter(Boolean)
    .map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      return { name: decoded(name), value: decoded(rest.join("=")) };
    });
}

/** Decodes a part of a query; one that is not valid stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
